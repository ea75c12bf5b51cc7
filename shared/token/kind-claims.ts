// The members in which issuers name the kind of a token, and the names that they use. All other evidence of a kind:
// kind.ts and the profiles.

import type { FailureCode } from '../failures/failure.ts'

/** Claims in which an issuer names the kind of a token. */
export const KIND_CLAIMS = ['token_use', 'typ', 'tokenName', 'purpose'] as const

/** The values of these claims that mean an access token, in lower case. */
export const ACCESS_TOKEN_NAMES = ['access', 'access_token', 'at', 'bearer', 'dpop'] as const

/**
 * The values by which an introspection response may name an access token, in lower case. RFC 6749 section 7.1; RFC 8693
 * section 3; RFC 9068 section 2.1.
 */
export const INTROSPECTED_ACCESS_TOKENS = ['bearer', 'access', 'access_token', 'at+jwt']

/** The values by which it may name another kind. A value that is on neither list is refused as well. */
export const INTROSPECTED_OTHER_KINDS: Readonly<Record<string, FailureCode>> = {
  refresh: 'refresh_token',
  refresh_token: 'refresh_token',
  rt: 'refresh_token',
  'rt+jwt': 'refresh_token',
  offline: 'refresh_token',
  id: 'id_token',
  id_token: 'id_token',
  logout: 'logout_token',
  logout_token: 'logout_token',
}
