// The tokens of the drill. Good ones come from the authorization server through its endpoints; hostile ones are tokens
// that it issues for other purposes, and forged ones. Each has the data that the oracle needs.

import { decodeJwt, decodeProtectedHeader } from 'jose'
import { opaqueResourceOf, type DemoClients } from '../../local/authorization-server/index.ts'
import { runCodeFlow } from '../../local/demo-tokens/code-flow.ts'
import { fetchMetadata, fetchTokens } from '../../local/demo-tokens/token-endpoint.ts'
import { forgeTokens } from '../../local/demo-tokens/index.ts'
import { generateKey, signCompact, type SigningKey } from '../support/test-issuer.ts'
import type { TokenTraits } from './oracle.ts'

export const AUDIENCE = 'https://api.drill.example'
export const OTHER_AUDIENCE = 'https://other.drill.example'
const SCOPE = 'orders:read'

export interface DrillToken extends TokenTraits {
  readonly kind: string
  readonly text: string
}

interface Source {
  readonly issuer: string
  readonly clients: DemoClients
}

const kidOf = (text: string): string => String(decodeProtectedHeader(text).kid)

/** A token that is `sound`, or that fails after its key has been found. */
const underKey = (kind: string, text: string, sound = false): DrillToken => ({
  kind,
  text,
  kid: kidOf(text),
  sound,
  expiresAt: decodeJwt(text).exp ?? 0,
})

/** A token that is refused whatever the keys are. */
const outOfHand = (kind: string, text: string): DrillToken => ({
  kind,
  text,
  kid: null,
  sound: false,
  expiresAt: 0,
})

/** Good tokens, signed with the server's current key: of a user and of a client. */
export async function obtainGoodTokens({ issuer, clients }: Source): Promise<DrillToken[]> {
  const metadata = await fetchMetadata(issuer)
  const [user, client] = await Promise.all([
    runCodeFlow({ metadata, client: clients.web, scope: `openid ${SCOPE}`, resource: AUDIENCE }),
    fetchTokens(metadata, clients.service, {
      grant_type: 'client_credentials',
      scope: SCOPE,
      resource: AUDIENCE,
    }),
  ])
  return [underKey('good', user.access_token, true), underKey('good', client.access_token, true)]
}

/** One token of each kind that must never pass. */
export async function obtainHostileTokens({ issuer, clients }: Source, other: Source): Promise<DrillToken[]> {
  const [metadata, otherMetadata] = await Promise.all([fetchMetadata(issuer), fetchMetadata(other.issuer)])
  const request = { metadata, client: clients.web, scope: `openid ${SCOPE}`, resource: AUDIENCE }
  const [user, api, expired, otherApi, ofOtherIssuer, opaque, disguise] = await Promise.all([
    runCodeFlow(request),
    runCodeFlow({ ...request, client: clients.namedLikeApi }),
    runCodeFlow({ ...request, client: clients.shortLived }),
    runCodeFlow({ ...request, resource: OTHER_AUDIENCE }),
    runCodeFlow({ ...request, metadata: otherMetadata, client: other.clients.web }),
    runCodeFlow({ ...request, resource: opaqueResourceOf(AUDIENCE) }),
    runCodeFlow({ ...request, client: clients.disguise }),
  ])
  const { tampered, algNone, foreignKey } = await forgeTokens({ read: user.access_token })
  return [
    underKey('ID token', user.id_token),
    underKey('ID token for the API', api.id_token),
    underKey('ID token in disguise', disguise.access_token),
    // Sound until it expires, within a second of the fast clock and the tolerance.
    underKey('expired', expired.access_token, true),
    underKey('wrong audience', otherApi.access_token),
    underKey('tampered', tampered),
    underKey('foreign key', foreignKey),
    outOfHand('other issuer', ofOtherIssuer.access_token),
    outOfHand('opaque', opaque.access_token),
    outOfHand('alg none', algNone),
  ]
}

/** Makes tokens that are valid except that the issuer never had their key; each has a kid of its own. */
export async function createUnknownKids(): Promise<(model: DrillToken) => Promise<DrillToken>> {
  const key: SigningKey = await generateKey('ES256', 'nobody')
  return async (model) => {
    const kid = crypto.randomUUID()
    const claims = { ...decodeJwt(model.text), jti: kid }
    const text = await signCompact(key, { alg: 'ES256', typ: 'at+jwt', kid }, claims)
    return { ...underKey('unknown kid', text), expiresAt: model.expiresAt }
  }
}
