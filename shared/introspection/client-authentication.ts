// How we prove to an issuer who we are, one row for each way. oauth4webapi writes the requests; a bearer token is
// the one way it does not know, and in Basic credentials it escapes more than a form does. RFC 6749 section 2.3.1 and
// appendix B, RFC 7523 section 2.2, RFC 7662 section 2.1.

import type { CryptoKey, JWK } from 'jose'
import { importJWK } from 'jose/key/import'
import { ClientSecretPost, modifyAssertion, PrivateKeyJwt, type ClientAuth } from 'oauth4webapi'
import type { ResolvedIntrospection } from '../config/config.ts'
import type { Ports } from '../platform/ports.ts'

const ASSERTION_SECONDS = 60

/** What a key without an `alg` of its own signs with. */
const USUAL_ALG: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'EdDSA',
}

async function authenticateWithKey(secret: string, now: Ports['now']): Promise<ClientAuth> {
  const jwk = JSON.parse(secret) as JWK
  const key = (await importJWK(jwk, jwk.alg ?? USUAL_ALG[jwk.crv ?? ''] ?? 'RS256')) as CryptoKey
  return PrivateKeyJwt(jwk.kid === undefined ? key : { key, kid: jwk.kid }, {
    [modifyAssertion](_, payload) {
      const iat = Math.floor(now() / 1000)
      Object.assign(payload, { iat, nbf: iat, exp: iat + ASSERTION_SECONDS })
    },
  })
}

/** As a form writes a value: letters, digits and `*-._` as they are. Servers that compare without decoding depend on that. */
const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** Throws if the secret is a key that cannot be imported. */
export const AUTHENTICATE: Readonly<
  Record<
    ResolvedIntrospection['authentication'],
    (secret: string, now: Ports['now']) => ClientAuth | Promise<ClientAuth>
  >
> = {
  client_secret_basic: (secret) => (_as, client, _body, headers) =>
    headers.set('authorization', `Basic ${btoa(`${formEncode(client.client_id)}:${formEncode(secret)}`)}`),
  client_secret_post: (secret) => ClientSecretPost(secret),
  private_key_jwt: authenticateWithKey,
  bearer: (secret) => (_as, _client, _body, headers) => headers.set('authorization', `Bearer ${secret}`),
}
