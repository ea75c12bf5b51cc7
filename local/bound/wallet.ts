// The keys, certificates and tokens of the tour: a user of a phone with a P-256 key, one of a laptop with an Ed25519
// key, and clients with certificates: a partner, a workshop with a self-signed one, and a courier, who has a key
// besides.

import { setTimeout as sleep } from 'node:timers/promises'
import * as oauth from 'oauth4webapi'
import { CERTIFIED_CLIENTS, opaqueResourceOf } from '../authorization-server/index.ts'
import type { CertificateName, Certificates } from './certificates.ts'
import { AUDIENCE } from './environments.ts'
import type { Services } from './services.ts'
import { createLogin, type LoginRequest } from './tokens.ts'

/**
 * `newPhone`: the key of the phone before the library knows any nonce; `slowPhone` and `fastPhone`: with a clock that
 * is ten minutes off; `inventive`: with a nonce that nobody made.
 */
export type KeyName = 'phone' | 'newPhone' | 'slowPhone' | 'fastPhone' | 'inventive' | 'laptop'

/**
 * `bound` and `newer`: two tokens of the same key. `certified`: bound to the certificate of the partner; `former`: to
 * the one before; `workshop`: to the self-signed one; `twice`: to the key of the phone and the certificate of the
 * courier.
 */
export type TokenName =
  | 'plain'
  | 'bound'
  | 'newer'
  | 'laptop'
  | 'opaque'
  | 'idToken'
  | 'expired'
  | 'scopeless'
  | 'certified'
  | 'certifiedOpaque'
  | 'former'
  | 'workshop'
  | 'twice'

export interface Wallet {
  readonly keys: Readonly<Record<KeyName, oauth.DPoPHandle>>
  readonly certificates: Pick<Certificates, 'serverCa' | 'clients'>
  readonly tokens: Readonly<Record<TokenName, string>>
  /** How often the authorization server demanded a nonce. */
  readonly nonces: number
}

const SCOPE = 'openid orders:read'
const TEN_MINUTES = 600

type LogIn = Awaited<ReturnType<typeof createLogin>>

/** The logins of the clients that authenticate with a certificate. `phone`: the key of `twice`. */
async function logInCertified(logIn: LogIn, { serverCa, clients }: Certificates, phone: oauth.DPoPHandle) {
  const by = (
    client: keyof typeof CERTIFIED_CLIENTS,
    name: CertificateName,
    more: Partial<LoginRequest> = {},
  ) =>
    logIn({
      client: CERTIFIED_CLIENTS[client],
      tls: { serverCa, certificate: clients[name] },
      scope: SCOPE,
      resource: AUDIENCE,
      ...more,
    })
  return {
    certified: await by('chained', 'partner'),
    certifiedOpaque: await by('chained', 'partner', { resource: opaqueResourceOf(AUDIENCE) }),
    // The authorization server asks nobody whether a certificate is revoked.
    former: await by('chained', 'former'),
    workshop: await by('selfSigned', 'workshop'),
    twice: await by('twice', 'courier', { dpop: phone }),
  }
}

/** Obtains the tokens. The token `expired` has expired then. */
export async function fillWallet(
  { server }: Pick<Services, 'server'>,
  certificates: Certificates,
): Promise<Wallet> {
  const [phone, laptop] = await Promise.all([
    oauth.generateKeyPair('ES256'),
    oauth.generateKeyPair('Ed25519'),
  ])
  const withClock = (seconds: number) => oauth.DPoP({ [oauth.clockSkew]: seconds }, phone)
  const keys = {
    phone: oauth.DPoP({}, phone),
    newPhone: oauth.DPoP({}, phone),
    slowPhone: withClock(-TEN_MINUTES),
    fastPhone: withClock(TEN_MINUTES),
    inventive: oauth.DPoP({}, phone, {
      [oauth.modifyAssertion]: (_, payload) => {
        payload['nonce'] = 'made-up'
      },
    }),
    laptop: oauth.DPoP({}, laptop),
  }
  const logIn = await createLogin(server)
  const { web, dpop: mobile, shortLived } = server.clients
  const request = { client: mobile, scope: SCOPE, resource: AUDIENCE, dpop: keys.phone }
  const expired = await logIn({ ...request, client: shortLived })
  const expiresAt = Date.now() + expired.expiresIn * 1000
  const plain = await logIn({ client: web, scope: SCOPE, resource: AUDIENCE })
  const bound = await logIn(request)
  const newer = await logIn(request)
  const ofLaptop = await logIn({ ...request, dpop: keys.laptop })
  const opaque = await logIn({ ...request, resource: opaqueResourceOf(AUDIENCE) })
  const scopeless = await logIn({ ...request, scope: 'openid invoices:read' })
  const certified = await logInCertified(logIn, certificates, keys.phone)
  // The edges count whole seconds.
  await sleep(Math.max(0, expiresAt + 1_050 - Date.now()))
  return {
    keys,
    certificates,
    nonces: [expired, bound, newer, ofLaptop, opaque, scopeless, certified.twice].reduce(
      (sum, one) => sum + one.nonces,
      0,
    ),
    tokens: {
      plain: plain.accessToken,
      bound: bound.accessToken,
      newer: newer.accessToken,
      laptop: ofLaptop.accessToken,
      opaque: opaque.accessToken,
      idToken: bound.idToken,
      expired: expired.accessToken,
      scopeless: scopeless.accessToken,
      certified: certified.certified.accessToken,
      certifiedOpaque: certified.certifiedOpaque.accessToken,
      former: certified.former.accessToken,
      workshop: certified.workshop.accessToken,
      twice: certified.twice.accessToken,
    },
  }
}
