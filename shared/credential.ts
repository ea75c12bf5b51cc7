// From the Authorization fields of a request to the one bearer token in them, or to why there is none.
// RFC 9110 section 11.6.2; RFC 6750 sections 2 and 3.1. Reads header fields only: a token in a query or a
// body is never used, and one in the query is refused so that it is noticed.

import { failure, type Failure } from './failure.ts'
import type { AuthorizationRequest } from './decision.ts'
import type { VerifiedToken } from './token/memory.ts'

/** The scheme in any case, exactly one space, and a b64token of RFC 6750 section 2.1. */
const BEARER = /^bearer [A-Za-z0-9\-._~+/]+=*$/i

export interface Credential {
  readonly token: string
  /** Where the token was verified before. */
  readonly verified?: VerifiedToken | undefined
}

const BEGINS = /^bearer /i
const SCHEME_CHARS = 'Bearer '.length

/**
 * The bearer token of a request. A failure here counts only on routes that demand a token.
 *
 * `recall` finds what was verified before. Its text need not be read again: character by character it is one that was.
 */
export function readCredential(
  request: AuthorizationRequest,
  recall: (token: string) => VerifiedToken | undefined,
): Credential | Failure {
  const [field, ...others] = request.authorization
  if (others.length > 0 || field?.includes(',')) return failure('credential_repeated')
  if (request.accessTokenInQuery) return failure('credential_in_query')
  if (field === undefined || field === '') return failure('credential_missing')
  const token = field.slice(SCHEME_CHARS)
  const verified = BEGINS.test(field) ? recall(token) : undefined
  if (verified !== undefined || BEARER.test(field)) return { token, verified }
  return failure(
    /^bearer(?![!#$%&'*+\-.^_`|~0-9A-Za-z])/i.test(field) ? 'credential_malformed' : 'credential_scheme',
  )
}
