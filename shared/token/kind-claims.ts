// Where issuers name the kind of a token themselves. What they call the other kinds there: kind.ts.

/** Claims in which an issuer says of what kind a token is. */
export const KIND_CLAIMS = ['token_use', 'typ', 'tokenName', 'purpose'] as const

/** What an access token is called there, in lower case. */
export const ACCESS_TOKEN_NAMES = ['access', 'access_token', 'at', 'bearer', 'dpop'] as const
