// The one table of every way a request can be refused: whose fault it is, what the caller sees on each
// door. Everything that needs to know a code reads this table (challenges, Lambda answers, docs/decisions.md), so
// nothing can disagree with it. What a code means, and which sentence of which standard asks for it, stands in
// meanings.ts, which no bundle carries.
// A failure carries a code and safe details only: never a piece of a token, a claim value or a URL.

/**
 * Whose fault a refusal is. Only `client` may turn into a 4xx, with one exception: what anybody can bring about with a
 * token of their own making is no 503, though the issuer has to mend it.
 */
export type Blame = 'client' | 'issuer' | 'operator'

/** Error codes of RFC 6750 section 3.1 and RFC 9470 section 3; `null` where that section wants none. */
export type BearerError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'

/**
 * What a Lambda authorizer can do on API Gateway: throw exactly `Unauthorized` (401 on a REST API), return
 * a refusal (403), or fail (500), which is as near to 503 as a gateway comes.
 */
export type GatewayForm = 'unauthorized' | 'forbidden' | 'failure'

export interface FailureRow {
  readonly blame: Blame
  /** HTTP status where the door can choose one (the Worker). */
  readonly status: 400 | 401 | 403 | 421 | 503
  readonly error: BearerError | null
  readonly gateway: GatewayForm
  /**
   * Whether the refusal follows from the token, the method and the path alone, and never ends. A gateway keeps answers
   * under these three. It may keep such a refusal and no other, because a kept refusal meets requests that differ in
   * another field, and requests after the keys, the time or the user have changed. The scopes, the audience and the
   * client that an issuer states for a token count as facts of the token.
   */
  readonly keepable: boolean
  /** What the challenge tells besides: which scopes, or which authentication, would have sufficed. */
  readonly tells?: 'scope' | 'authentication'
  /** Whose answer is missing, on 503: whoever gave none says when it is worth coming back. */
  readonly waitsFor?: 'keys' | 'introspection' | 'userinfo' | 'secret'
  /** The one plain sentence the caller may be told. Present only where the signature has been verified. */
  readonly hint?: string
}

/** A fact of the token, the method and the path. */
const LASTING = { keepable: true } as const
/** About another field of the request, the keys, the time, or the state of the issuer. */
const PASSING = { keepable: false } as const

const unauthorized = ({ keepable }: Pick<FailureRow, 'keepable'>, hint?: string) =>
  ({
    blame: 'client',
    status: 401,
    error: 'invalid_token',
    gateway: 'unauthorized',
    keepable,
    ...(hint === undefined ? {} : { hint }),
  }) as const satisfies FailureRow

const wrongKind = (kind: string) =>
  unauthorized(
    LASTING,
    `${kind[0]!.toUpperCase()}${kind.slice(1)} cannot be used to call this API; send the access token.`,
  )

const unavailable = (blame: 'issuer' | 'operator', waitsFor?: NonNullable<FailureRow['waitsFor']>) =>
  ({
    blame,
    status: 503,
    error: null,
    gateway: 'failure',
    keepable: false,
    ...(waitsFor === undefined ? {} : { waitsFor }),
  }) as const satisfies FailureRow

export const FAILURES = {
  credential_missing: { blame: 'client', status: 401, error: null, gateway: 'unauthorized', keepable: false },
  credential_scheme: { blame: 'client', status: 401, error: null, gateway: 'unauthorized', keepable: true },
  credential_malformed: unauthorized(LASTING),
  credential_repeated: {
    blame: 'client',
    status: 400,
    error: 'invalid_request',
    gateway: 'unauthorized',
    keepable: false,
  },
  credential_in_query: {
    blame: 'client',
    status: 400,
    error: 'invalid_request',
    gateway: 'unauthorized',
    keepable: false,
  },

  identity_sources_missing: unavailable('operator'),

  target_ambiguous: { blame: 'client', status: 400, error: null, gateway: 'forbidden', keepable: true },
  target_too_long: { blame: 'client', status: 400, error: null, gateway: 'forbidden', keepable: true },
  host_unknown: { blame: 'client', status: 421, error: null, gateway: 'forbidden', keepable: false },
  route_unknown: { blame: 'client', status: 403, error: null, gateway: 'forbidden', keepable: true },
  method_unknown: { blame: 'client', status: 403, error: null, gateway: 'forbidden', keepable: true },

  token_too_large: unauthorized(LASTING),
  token_opaque: unauthorized(LASTING),
  token_encrypted: unauthorized(LASTING),
  token_malformed: unauthorized(LASTING),

  token_inactive: unauthorized(PASSING, 'The access token is not active.'),
  kind_unverified: unauthorized(LASTING),
  issuer_not_allowed: unauthorized(LASTING),

  alg_unsupported: unauthorized(LASTING),
  header_member_refused: unauthorized(LASTING),
  kid_malformed: unauthorized(LASTING),

  issuer_unknown: unauthorized(LASTING),
  alg_not_allowed: unauthorized(LASTING),
  key_unknown: unauthorized(PASSING),
  key_mismatch: unauthorized(PASSING),
  key_ambiguous: { ...unauthorized(PASSING), blame: 'issuer' },
  key_refused: unauthorized(PASSING),
  keys_unavailable: unavailable('issuer', 'keys'),
  signature_invalid: unauthorized(PASSING),

  id_token: wrongKind('an ID token'),
  logout_token: wrongKind('a logout token'),
  refresh_token: wrongKind('a refresh token'),
  dpop_proof: wrongKind('a DPoP proof'),
  client_assertion: wrongKind('a client assertion'),
  introspection_response: wrongKind('an introspection response'),
  security_event_token: wrongKind('a security event token'),
  registration_token: wrongKind('a registration token'),
  action_token: wrongKind('an action token'),
  verifiable_presentation: wrongKind('a verifiable credential or presentation'),
  token_kind_unproven: unauthorized(
    LASTING,
    'This is not recognisably an access token; send the access token issued for this API.',
  ),

  audience_mismatch: unauthorized(LASTING, 'The access token was issued for another API.'),
  client_mismatch: unauthorized(LASTING, 'The access token was issued to another application.'),
  tenant_mismatch: unauthorized(LASTING),
  token_expired: unauthorized(LASTING, 'The access token expired.'),
  token_not_yet_valid: unauthorized(PASSING, 'The access token is not valid yet.'),
  token_issued_in_future: unauthorized(PASSING),
  // Without iat it is about what is left of the life, which grows less.
  token_lifetime: unauthorized(PASSING),
  claim_missing: unauthorized(LASTING),
  claim_malformed: unauthorized(LASTING),
  sender_constraint_unproven: unauthorized(
    PASSING,
    'The access token is sender-constrained and cannot be used as a plain bearer token here.',
  ),

  insufficient_scope: {
    blame: 'client',
    status: 403,
    error: 'insufficient_scope',
    gateway: 'forbidden',
    keepable: true,
    tells: 'scope',
    hint: 'The access token lacks a scope that this request needs.',
  },
  email_unverified: { blame: 'client', status: 403, error: null, gateway: 'forbidden', keepable: false },
  client_not_allowed: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    keepable: true,
    hint: 'This client may not make this request.',
  },
  claim_condition_unmet: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    keepable: true,
    hint: 'The access token does not grant this request.',
  },
  claim_distributed: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    keepable: true,
    hint: 'The access token does not contain a claim that this request needs; it says that the claim is elsewhere.',
  },
  authorization_details_lacking: {
    blame: 'client',
    status: 403,
    error: null,
    gateway: 'forbidden',
    keepable: true,
    hint: 'The access token lacks authorization details that this request needs.',
  },
  insufficient_user_authentication: {
    blame: 'client',
    status: 401,
    error: 'insufficient_user_authentication',
    gateway: 'unauthorized',
    keepable: true,
    tells: 'authentication',
    hint: 'The user has to authenticate again, or in a stronger way.',
  },
  identity_inexpressible: { blame: 'client', status: 403, error: null, gateway: 'forbidden', keepable: true },

  identity_missing: { blame: 'client', status: 403, error: null, gateway: 'forbidden', keepable: false },

  introspection_unreachable: unavailable('issuer', 'introspection'),
  introspection_timeout: unavailable('issuer', 'introspection'),
  introspection_status: unavailable('issuer', 'introspection'),
  introspection_redirect: unavailable('issuer', 'introspection'),
  introspection_too_large: unavailable('issuer', 'introspection'),
  introspection_empty: unavailable('issuer', 'introspection'),
  introspection_not_json: unavailable('issuer', 'introspection'),
  introspection_malformed: unavailable('issuer', 'introspection'),
  introspection_unverified: unavailable('issuer', 'introspection'),
  introspection_endpoint_unknown: unavailable('issuer', 'introspection'),
  introspection_credentials_refused: unavailable('operator', 'introspection'),
  introspection_unsupported: unavailable('operator', 'introspection'),
  introspection_rate_limited: unavailable('issuer', 'introspection'),
  introspection_busy: unavailable('issuer', 'introspection'),
  introspection_held: unavailable('issuer', 'introspection'),
  userinfo_unavailable: unavailable('issuer', 'userinfo'),
  userinfo_mismatch: unauthorized(PASSING),
  secret_unavailable: unavailable('operator', 'secret'),
  deadline_exceeded: unavailable('issuer'),
  event_unrecognised: unavailable('operator'),
  request_unrecognised: unavailable('operator'),
  internal_error: unavailable('operator'),
} as const satisfies Record<string, FailureRow>

/** Stable name of a refusal. Codes are never renamed within a major version. */
export type FailureCode = keyof typeof FAILURES

/** Safe facts about a refusal: names from the standards or the configuration, and numbers. */
export type FailureDetail = Readonly<Record<string, string | number>>

export interface Failure {
  readonly code: FailureCode
  readonly detail?: FailureDetail
  /** Counted as the operator's, whatever the row of the code says: no client can help it. What the caller gets is the same. */
  readonly blame?: 'operator'
}

export const failure = (code: FailureCode, detail?: FailureDetail): Failure =>
  detail === undefined ? { code } : { code, detail }

/** Nothing else that a step returns has a `code`. */
export const isFailure = (value: object): value is Failure => (value as Failure).code !== undefined

export const failureRow = (code: FailureCode): FailureRow => FAILURES[code]
