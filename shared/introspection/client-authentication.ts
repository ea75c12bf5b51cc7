// How we authenticate to an issuer, one row for each method: the header fields and form parameters that the request
// carries. RFC 6749 section 2.3.1 and appendix B, RFC 7521 section 4.2, RFC 7523 section 2.2, RFC 7662 section 2.1.

import type { CryptoKey, JWK } from 'jose'
import { encode } from 'jose/base64url'
import { SignJWT } from 'jose/jwt/sign'
import { importJWK } from 'jose/key/import'
import type { ResolvedIntrospection } from '../config/config.ts'
import type { Ports } from '../platform/ports.ts'

const ASSERTION_SECONDS = 60

/** We, as a client of an issuer. */
export interface IntrospectionClient {
  readonly clientId: string
  readonly issuer: string
  readonly now: Ports['now']
}

/** The part of a request that authenticates us. Names of header fields are in lower case. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

/** Makes the credentials of one request. */
export type Authenticate = () => Credentials | Promise<Credentials>

/** By curve, the algorithm of a key without `alg`. For a key without a curve it is RS256. */
const USUAL_ALG: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'Ed25519',
}

async function authenticateWithKey(
  secret: string,
  { clientId, issuer, now }: IntrospectionClient,
): Promise<Authenticate> {
  const jwk = JSON.parse(secret) as JWK
  const named = jwk.alg ?? USUAL_ALG[jwk.crv ?? ''] ?? 'RS256'
  const key = (await importJWK(jwk, named)) as CryptoKey
  if (key.type !== 'private') throw new TypeError('not a private key')
  const { kid } = jwk
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) throw new TypeError('kid')
  // RFC 9864 section 2.2: `EdDSA` does not say which curve.
  const alg = named === 'EdDSA' ? 'Ed25519' : named
  const header = kid === undefined ? { alg } : { alg, kid }
  return async () => {
    const iat = Math.floor(now() / 1000)
    const jti = encode(crypto.getRandomValues(new Uint8Array(32)))
    const times = { iat, nbf: iat, exp: iat + ASSERTION_SECONDS }
    const claims = { jti, aud: issuer, ...times, iss: clientId, sub: clientId }
    return {
      form: {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await new SignJWT(claims).setProtectedHeader(header).sign(key),
      },
    }
  }
}

/**
 * Encodes a value as HTML forms do: letters, digits and `*-._` stay as they are. Servers that compare without decoding
 * depend on that.
 */
const formEncode = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1)

/** Throws if the secret is a key that cannot be imported. */
export const AUTHENTICATE: Readonly<
  Record<
    ResolvedIntrospection['authentication'],
    (secret: string, client: IntrospectionClient) => Authenticate | Promise<Authenticate>
  >
> = {
  client_secret_basic: (secret, { clientId }) => {
    const authorization = `Basic ${btoa(`${formEncode(clientId)}:${formEncode(secret)}`)}`
    return () => ({ headers: { authorization } })
  },
  client_secret_post: (secret, { clientId }) => {
    const form = { client_id: clientId, client_secret: secret }
    return () => ({ form })
  },
  private_key_jwt: authenticateWithKey,
  bearer: (secret) => () => ({ headers: { authorization: `Bearer ${secret}` } }),
}
