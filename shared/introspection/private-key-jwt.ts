// How we authenticate to an issuer with a JWT that is signed with our private key (`private_key_jwt`). RFC 7521 section
// 4.2, RFC 7523 section 2.2.

import type { CryptoKey, JWK } from 'jose'
import { encode } from 'jose/base64url'
import { SignJWT } from 'jose/jwt/sign'
import { importJWK } from 'jose/key/import'
import type { CreateAuthenticate } from './client-authentication.ts'

const ASSERTION_SECONDS = 60

/** By curve, the algorithm of a key without `alg`. For a key without a curve it is RS256. */
const USUAL_ALG: Readonly<Record<string, string>> = {
  'P-256': 'ES256',
  'P-384': 'ES384',
  'P-521': 'ES512',
  Ed25519: 'Ed25519',
}

export const authenticateWithKey: CreateAuthenticate = async (secret, { clientId, issuer, now }) => {
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
