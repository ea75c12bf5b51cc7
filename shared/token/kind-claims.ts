// Where issuers name the kind of a token themselves, and by which words. The claims of JWTs that prove another kind: kind.ts.

import type { FailureCode } from '../failures/failure.ts'

/** Claims in which an issuer says of what kind a token is. */
export const KIND_CLAIMS = ['token_use', 'typ', 'tokenName', 'purpose'] as const

/** What an access token is called there, in lower case. */
export const ACCESS_TOKEN_NAMES = ['access', 'access_token', 'at', 'bearer', 'dpop'] as const

/** All that an answer to introspection may call an access token, in lower case (RFC 6749 section 7.1, RFC 8693 section 3, RFC 9068 section 2.1). */
export const INTROSPECTED_ACCESS_TOKENS = ['bearer', 'access', 'access_token', 'at+jwt']

/** What names another kind there. Names that are on neither list are refused as well. */
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
