/**
 * Makes a HOSTILE SAMPLE on purpose: for one client the authorization server signs an `at+jwt` for the API with the
 * claims of an OpenID Connect ID token (Core s.2) and without the claims that RFC 9068 s.2.2 requires. No honest server
 * does this. A verifier that trusts only `typ` and `aud` accepts it.
 */
import { createHash } from 'node:crypto'
import type { Context, IssuedToken, StructuredToken } from 'oidc-provider'

export function createDisguise(disguisedClientId: string) {
  return function disguise(context: Context, token: IssuedToken, jwt: StructuredToken): void {
    if (token.clientId !== disguisedClientId) return
    const { iss, sub, aud, iat, exp, jti } = jwt.payload
    const code = context.oidc.entities.AuthorizationCode
    jwt.payload = {
      iss,
      sub,
      aud,
      iat,
      exp,
      nonce: code?.nonce,
      auth_time: code?.authTime,
      azp: disguisedClientId,
      at_hash: leftHalfOfHash(String(jti)),
    }
  }
}

function leftHalfOfHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
}
