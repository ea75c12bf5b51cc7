// The keys and tokens of the tour: a user of a phone with a P-256 key, and one of a laptop with an Ed25519 key.

import { setTimeout as sleep } from 'node:timers/promises'
import * as oauth from 'oauth4webapi'
import { opaqueResourceOf } from '../authorization-server/index.ts'
import { AUDIENCE } from './environments.ts'
import type { Services } from './services.ts'
import { createLogin } from './tokens.ts'

/**
 * `newPhone`: the key of the phone before the library knows any nonce; `slowPhone` and `fastPhone`: with a clock that
 * is ten minutes off; `inventive`: with a nonce that nobody made.
 */
export type KeyName = 'phone' | 'newPhone' | 'slowPhone' | 'fastPhone' | 'inventive' | 'laptop'

/** `bound` and `newer`: two tokens of the same key. */
export type TokenName =
  | 'plain'
  | 'bound'
  | 'newer'
  | 'laptop'
  | 'opaque'
  | 'idToken'
  | 'expired'
  | 'scopeless'

export interface Wallet {
  readonly keys: Readonly<Record<KeyName, oauth.DPoPHandle>>
  readonly tokens: Readonly<Record<TokenName, string>>
  /** How often the authorization server demanded a nonce. */
  readonly nonces: number
}

const SCOPE = 'openid orders:read'
const TEN_MINUTES = 600

/** Obtains the tokens. The token `expired` has expired then. */
export async function fillWallet({ server }: Pick<Services, 'server'>): Promise<Wallet> {
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
  // The edges count whole seconds.
  await sleep(Math.max(0, expiresAt + 1_050 - Date.now()))
  return {
    keys,
    nonces: [expired, bound, newer, ofLaptop, opaque, scopeless].reduce((sum, one) => sum + one.nonces, 0),
    tokens: {
      plain: plain.accessToken,
      bound: bound.accessToken,
      newer: newer.accessToken,
      laptop: ofLaptop.accessToken,
      opaque: opaque.accessToken,
      idToken: bound.idToken,
      expired: expired.accessToken,
      scopeless: scopeless.accessToken,
    },
  }
}
