// The one table of every way a request can be refused: whose fault it is, what the caller sees on each
// door, and which sentence of which standard asks for it. Everything that needs to know a code reads this
// table (challenges, Lambda answers, the README), so nothing can disagree with it.
// A failure carries a code and safe details only: never a piece of a token, a claim value or a URL.

/** Whose fault a refusal is. Only `client` may turn into a 4xx. */
export type Blame = 'client' | 'issuer' | 'operator'

/** Error codes of RFC 6750 section 3.1 and RFC 9470 section 3; `null` where that section wants none. */
export type BearerError =
  'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'insufficient_user_authentication'

/**
 * What a Lambda authorizer can do on API Gateway: throw exactly `Unauthorized` (401 on a REST API), return
 * a refusal (403), or fail (500), which is as near to 503 as a gateway comes.
 */
export type GatewayForm = 'unauthorized' | 'forbidden' | 'failure'

export interface FailureRow {
  readonly blame: Blame
  /** HTTP status where the door can choose one (the Worker). */
  readonly status: 400 | 401 | 403 | 503
  readonly error: BearerError | null
  readonly gateway: GatewayForm
  /** What it means, for the operator. */
  readonly meaning: string
  /** The one plain sentence the caller may be told. Present only where the signature has been verified. */
  readonly hint?: string
  readonly source: string
}

const unauthorized = (meaning: string, source: string, hint?: string) =>
  ({
    blame: 'client',
    status: 401,
    error: 'invalid_token',
    gateway: 'unauthorized',
    meaning,
    source,
    ...(hint === undefined ? {} : { hint }),
  }) as const satisfies FailureRow

const wrongKind = (kind: string, source: string) =>
  unauthorized(
    `The issuer signed this as ${kind}, not as an access token.`,
    source,
    `${kind[0]!.toUpperCase()}${kind.slice(1)} cannot be used to call this API; send the access token.`,
  )

const unavailable = (blame: 'issuer' | 'operator', meaning: string, source: string) =>
  ({ blame, status: 503, error: null, gateway: 'failure', meaning, source }) as const satisfies FailureRow

export const FAILURES = {
  credential_missing: {
    blame: 'client',
    status: 401,
    error: null,
    gateway: 'unauthorized',
    meaning: 'The route needs an access token and the request carries none.',
    source: 'RFC 6750 section 3.1',
  },
  credential_scheme: {
    blame: 'client',
    status: 401,
    error: null,
    gateway: 'unauthorized',
    meaning: 'The Authorization field uses another scheme than Bearer.',
    source: 'RFC 9110 section 11.6.2',
  },
  credential_malformed: unauthorized(
    'The Authorization field is not "Bearer", one space and a token.',
    'RFC 6750 section 2.1',
  ),
  credential_repeated: {
    blame: 'client',
    status: 400,
    error: 'invalid_request',
    gateway: 'unauthorized',
    meaning: 'There is more than one Authorization field, or more than one credential in it.',
    source: 'RFC 6750 section 3.1',
  },
  credential_in_query: {
    blame: 'client',
    status: 400,
    error: 'invalid_request',
    gateway: 'unauthorized',
    meaning: 'An access_token parameter is in the query, where it would reach logs.',
    source: 'RFC 9700 section 4.3.2',
  },

  target_ambiguous: {
    blame: 'client',
    status: 400,
    error: null,
    gateway: 'forbidden',
    meaning: 'The path can be read in two ways by two servers, so no rule is applied to it (docs/routes.md).',
    source: 'RFC 3986 section 6',
  },
  target_too_long: {
    blame: 'client',
    status: 400,
    error: null,
    gateway: 'forbidden',
    meaning:
      'The path is longer than maxPathBytes, or than an IAM policy resource can name (512 characters).',
    source: 'RFC 9110 section 4.1',
  },
  route_unknown: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'No rule covers this path. What is not listed is refused.',
    source: 'docs/routes.md',
  },
  method_unknown: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'Rules cover this path, but none of them this method.',
    source: 'docs/routes.md',
  },

  token_too_large: unauthorized('The token is larger than maxTokenBytes.', 'RFC 8725 section 3.9'),
  token_opaque: unauthorized(
    'The token is not a JWT, and no issuer is configured for opaque tokens.',
    'RFC 7519 section 7.2',
  ),
  token_encrypted: unauthorized(
    'The token has the five parts of a JWE. Only signed tokens are read.',
    'RFC 7516 section 9',
  ),
  token_malformed: unauthorized(
    'The token is not in the one canonical form of a compact JWS (detail: part and problem).',
    'RFC 7515 section 5.2',
  ),

  token_inactive: unauthorized(
    'The issuer says that the token is not active: expired, revoked, or never issued.',
    'RFC 7662 section 2.2',
    'The access token is not active.',
  ),
  kind_unverified: unauthorized(
    'The token says of itself that it is no access token, so its issuer was not asked (detail: unverified_kind).',
    'RFC 8725 section 3.11',
  ),
  issuer_not_allowed: unauthorized('The route takes tokens of another issuer only.', 'docs/opaque-tokens.md'),

  alg_unsupported: unauthorized(
    'The header names no algorithm known here ("none" included).',
    'RFC 8725 section 3.1',
  ),
  header_member_refused: unauthorized(
    'The header has a member that changes how a JWS is read (crit, b64, zip, enc, cty, jwk).',
    'RFC 7515 section 4.1.11',
  ),
  kid_malformed: unauthorized('The kid is not a string of 1 to 256 characters.', 'RFC 7515 section 4.1.4'),

  issuer_unknown: unauthorized('No configured issuer has exactly this iss.', 'RFC 9068 section 4'),
  alg_not_allowed: unauthorized(
    'The algorithm is not in the list of this issuer. HS* never is, where the issuer has public keys.',
    'RFC 8725 section 3.1',
  ),
  key_unknown: unauthorized(
    'The issuer has no key with this kid (a shared secret has none).',
    'RFC 7517 section 4.5',
  ),
  key_mismatch: unauthorized(
    'The key with this kid is not for this algorithm, or not for this tenant.',
    'RFC 8725 section 3.1',
  ),
  key_ambiguous: unauthorized(
    'More than one key fits, and the token has no kid to tell them apart.',
    'RFC 7517 section 4.5',
  ),
  keys_unavailable: unavailable(
    'issuer',
    'The key cannot be had at the moment, or what the issuer publishes under its kid cannot be used (detail: why).',
    'RFC 9110 section 15.6.4',
  ),
  signature_invalid: unauthorized('The signature does not verify.', 'RFC 7515 section 5.2'),

  id_token: wrongKind('an ID token', 'OpenID Connect Core 1.0 section 2; RFC 8725 section 3.12'),
  logout_token: wrongKind('a logout token', 'OpenID Connect Back-Channel Logout 1.0 section 2.4'),
  refresh_token: wrongKind('a refresh token', 'RFC 6749 section 1.5'),
  dpop_proof: wrongKind('a DPoP proof', 'RFC 9449 section 4.2'),
  client_assertion: wrongKind('a client assertion', 'RFC 7523 section 3'),
  introspection_response: wrongKind('an introspection response', 'RFC 9701 section 8.1'),
  security_event_token: wrongKind('a security event token', 'RFC 8417 section 2'),
  verifiable_presentation: wrongKind('a verifiable credential or presentation', 'RFC 8725 section 3.11'),
  token_kind_unproven: unauthorized(
    'Nothing in the token proves that it is an access token (detail: what is missing).',
    'RFC 9068 section 4',
    'This is not recognisably an access token; send the access token issued for this API.',
  ),

  audience_mismatch: unauthorized(
    'aud does not name this API.',
    'RFC 9068 section 4',
    'The access token was issued for another API.',
  ),
  client_mismatch: unauthorized(
    'The token was issued to a client that is not listed.',
    'RFC 7662 section 4',
    'The access token was issued to another application.',
  ),
  tenant_mismatch: unauthorized(
    'The claim that names the tenant does not agree with iss.',
    'Microsoft identity platform, Validate tokens',
  ),
  token_expired: unauthorized('exp has passed.', 'RFC 9068 section 4', 'The access token expired.'),
  token_not_yet_valid: unauthorized(
    'nbf is in the future.',
    'RFC 7519 section 4.1.5',
    'The access token is not valid yet.',
  ),
  token_issued_in_future: unauthorized('iat is in the future.', 'RFC 7519 section 4.1.6'),
  token_lifetime: unauthorized(
    'exp is not after iat, or further from it than maxLifetimeSeconds.',
    'RFC 9068 section 2.2',
  ),
  claim_missing: unauthorized('A required member is missing (detail: which).', 'RFC 9068 section 2.2'),
  claim_malformed: unauthorized(
    'A claim has the wrong type or form (detail: which).',
    'RFC 7519 section 4.1',
  ),
  sender_constraint_unproven: unauthorized(
    'The token is bound to a key of its client (cnf), and that cannot be proven here yet.',
    'RFC 9449 section 7.1; RFC 8705 section 3',
    'The access token is sender-constrained and cannot be used as a plain bearer token here.',
  ),

  insufficient_scope: {
    blame: 'client',
    status: 403,
    error: 'insufficient_scope',
    gateway: 'forbidden',
    meaning: 'The token lacks a scope that the route demands (detail: which).',
    hint: 'The access token lacks a scope that this request needs.',
    source: 'RFC 6750 section 3.1',
  },
  email_unverified: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'Users are identified by email here, and email_verified is not true.',
    source: 'OpenID Connect Core 1.0 section 5.7',
  },
  client_not_allowed: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'The route is for certain clients, and the client of the token is none of them.',
    hint: 'This client may not make this request.',
    source: 'RFC 9068 section 4',
  },
  claim_condition_unmet: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'A claim does not have a value that the route demands (detail: which claim).',
    hint: 'The access token does not grant this request.',
    source: 'RFC 9068 section 4',
  },
  authorization_details_lacking: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'authorization_details has no object of a type that the route demands (detail: which type).',
    hint: 'The access token lacks authorization details that this request needs.',
    source: 'RFC 9396 section 9.1',
  },
  insufficient_user_authentication: {
    ...unauthorized(
      'The user has to sign in again, or in a stronger way (detail: acr or max_age is what was not met).',
      'RFC 9470 section 3',
      'The user has to authenticate again, or in a stronger way.',
    ),
    error: 'insufficient_user_authentication',
  },
  identity_inexpressible: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'A claim to pass on is too long, or of a type that no header can carry (detail: which).',
    source: 'RFC 9110 section 5.5',
  },

  identity_missing: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    meaning: 'Neither the token nor the issuer says who the user is (detail: which claim, and why not).',
    source: 'OpenID Connect Core 1.0 section 5.3',
  },

  introspection_unreachable: unavailable(
    'issuer',
    'The issuer could not be asked about the token: no connection.',
    'RFC 9110 section 15.6.4',
  ),
  introspection_timeout: unavailable(
    'issuer',
    'The issuer was asked about the token and did not answer in time.',
    'RFC 9110 section 15.6.4',
  ),
  introspection_status: unavailable(
    'issuer',
    'The issuer answered the question about the token with an error (detail: the status).',
    'RFC 7662 section 2.3',
  ),
  introspection_redirect: unavailable(
    'issuer',
    'The issuer answered the question about the token with a redirect. None is followed.',
    'RFC 9700 section 4.11',
  ),
  introspection_too_large: unavailable(
    'issuer',
    'The answer about the token is larger than 64 KiB.',
    'RFC 7662 section 2.2',
  ),
  introspection_empty: unavailable('issuer', 'The answer about the token is empty.', 'RFC 7662 section 2.2'),
  introspection_not_json: unavailable(
    'issuer',
    'The answer about the token is neither JSON nor, where that was asked for, a JWT.',
    'RFC 7662 section 2.2',
  ),
  introspection_malformed: unavailable(
    'issuer',
    'The answer about the token is not what the standard or the provider documents (detail: how).',
    'RFC 7662 section 2.2',
  ),
  introspection_unverified: unavailable(
    'issuer',
    'The signed answer about the token is not signed, or not by and for whom it should be (detail: why).',
    'RFC 9701 section 5',
  ),
  introspection_endpoint_unknown: unavailable(
    'issuer',
    "The issuer's metadata does not name the endpoint, or cannot be had (detail: why).",
    'RFC 8414 section 2',
  ),
  introspection_credentials_refused: unavailable(
    'operator',
    "The issuer refuses Lanekeeper's own credentials, freshly loaded ones included (detail: the status).",
    'RFC 7662 section 2.3',
  ),
  introspection_unsupported: unavailable(
    'operator',
    'The issuer does not answer questions about such a token (400). It may want JWTs to be verified: add keys.',
    'RFC 7009 section 2.2.1',
  ),
  userinfo_unavailable: unavailable(
    'issuer',
    'The token does not say who the user is, and the issuer could not be asked (detail: why).',
    'OpenID Connect Core 1.0 section 5.3.3',
  ),
  userinfo_mismatch: unauthorized(
    'The issuer tells of another user than the token does.',
    'OpenID Connect Core 1.0 section 5.3.2',
  ),
  secret_unavailable: unavailable(
    'operator',
    'A secret that the configuration points at cannot be had or used (detail: where it is and why not).',
    'docs/configuration.md',
  ),
  event_unrecognised: unavailable(
    'operator',
    'The function was called with an event that is no API Gateway authorizer event.',
    'AWS API Gateway developer guide',
  ),
  internal_error: unavailable(
    'operator',
    'A defect in Lanekeeper or in its surroundings. Please report it.',
    'RFC 9110 section 15.6.4',
  ),
} as const satisfies Record<string, FailureRow>

/** Stable name of a refusal. Codes are never renamed within a major version. */
export type FailureCode = keyof typeof FAILURES

/** Safe facts about a refusal: names from the standards or the configuration, and numbers. */
export type FailureDetail = Readonly<Record<string, string | number>>

export interface Failure {
  readonly code: FailureCode
  readonly detail?: FailureDetail
}

export const failure = (code: FailureCode, detail?: FailureDetail): Failure =>
  detail === undefined ? { code } : { code, detail }

/** Nothing else that a step returns has a `code`. */
export const isFailure = (value: object): value is Failure => (value as Failure).code !== undefined

export const failureRow = (code: FailureCode): FailureRow => FAILURES[code]
