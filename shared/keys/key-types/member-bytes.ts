// The bytes of a member of a JWK. RFC 7518 section 6: base64url, of which only the canonical form is accepted.

import { decodeBase64url, findBase64urlProblem } from '../../token/base64url.ts'
import { member, type JsonObject } from '../../token/strict-json.ts'

/** `null`: the member is absent, empty or not canonical base64url. */
export function bytesOf(jwk: JsonObject, name: string): Uint8Array | null {
  const text = member(jwk, name)
  if (typeof text !== 'string' || text === '' || findBase64urlProblem(text) !== null) return null
  return decodeBase64url(text)
}
