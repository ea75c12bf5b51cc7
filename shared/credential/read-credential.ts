// Reads the one access token in the Authorization fields of a request, or says why there is none. RFC 9110 section
// 11.6.2; RFC 6750 sections 2 and 3.1; RFC 9449 section 7.1. A token in a query or a body is never used. A request with
// one in its query is refused, so that the mistake is noticed.

import { failure, type Failure } from '../failures/failure.ts'
import type { AuthorizationRequest } from '../decision.ts'
import { leadingToken } from '../platform/http-token.ts'
import { isB64Token } from '../token/b64token.ts'
import { splitCompact, type CompactParts } from '../token/compact.ts'
import type { VerifiedToken } from '../token/verified-token-cache.ts'

/** The scheme in any case, and `1*SP`: no tab (RFC 6750 section 2.1, RFC 9110 section 11.4). */
const BEGINS = /^bearer /i

function cutScheme(field: string): string {
  let from = field.indexOf(' ')
  while (field.charCodeAt(from) === 0x20) from++
  return field.slice(from)
}

export interface Credential {
  readonly token: string
  /** The token in the cache, if it was verified for an earlier request. */
  readonly verified?: VerifiedToken
  /** The parts of a token that has the characters of a compact JWS. */
  readonly parts?: CompactParts
}

/**
 * The access token of a request. A failure here counts only on routes that demand a token.
 *
 * `recall` looks a token up in the cache. A cache hit is byte-identical to a token that was already parsed, so the
 * syntax of the token is not checked again. `begins`: the schemes that are read, with a space. Default: Bearer alone.
 */
export function readCredential(
  request: AuthorizationRequest,
  recall: (token: string) => VerifiedToken | undefined,
  begins = BEGINS,
): Credential | Failure {
  const [field, ...others] = request.authorization
  if (others.length > 0 || field?.includes(',')) return failure('credential_repeated')
  if (request.accessTokenInQuery) return failure('credential_in_query')
  if (field === undefined || field === '') return failure('credential_missing')
  if (begins.test(field)) {
    const token = cutScheme(field)
    const verified = recall(token)
    if (verified !== undefined) return { token, verified }
    const parts = splitCompact(token)
    if (parts !== null) return { token, parts }
    if (isB64Token(token)) return { token }
  }
  return failure(begins.test(`${leadingToken(field)} `) ? 'credential_malformed' : 'credential_scheme')
}
