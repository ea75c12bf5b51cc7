// The one table of every way to refuse a request: who is to blame, and what the caller gets on each edge. Challenges,
// Lambda answers and docs/decisions.md all read this table, so they cannot disagree. meanings.ts, which is in no
// bundle, has the meaning of each code and the section of a standard that asks for it. An artefact has the rows of the
// codes that it can produce (cli/artefact/failure-table.ts), so this module exports nothing else at run time.

/**
 * Who is to blame for a refusal. Only `client` becomes a 4xx, with one exception: `key_ambiguous` is a 401, because
 * anybody can cause it with a forged token, though it is the issuer who has to correct it.
 */
export type Blame = 'client' | 'issuer' | 'operator'

/** Error codes of RFC 6750 section 3.1, RFC 9470 section 3 and RFC 9449 sections 7.1 and 9. */
export type ChallengeError =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'
  | 'invalid_dpop_proof'
  | 'use_dpop_nonce'

/**
 * How a Lambda authorizer refuses on API Gateway: it throws exactly `Unauthorized` (401 on a REST API), returns a
 * refusal (403), or fails. API Gateway makes a failure 500; serverless.yml makes it 503 on a REST API.
 */
export type GatewayForm = 'unauthorized' | 'forbidden' | 'failure'

/** How a failure code is answered: one row of `FAILURES`. */
export interface FailureRow {
  /** Who is to blame. `Deny.blame` may override it for one refusal. */
  readonly blame: Blame
  /** HTTP status on edges that can choose one (the Worker). */
  readonly status: 400 | 401 | 403 | 421 | 503
  /** `error` of the challenge; `null`: it has none. */
  readonly error: ChallengeError | null
  /** How a Lambda authorizer refuses. */
  readonly gateway: GatewayForm
  /**
   * Whether the refusal follows from the token, the method and the path alone, and holds for good. API Gateway caches
   * answers under these three. It may cache such a refusal and no other, because a cached refusal is also the answer to
   * requests that differ in another field, and to requests after the keys, the time or the user have changed. The
   * scopes, the audience and the client in an introspection response count as members of the token.
   */
  readonly keepable: boolean
  /** What else the challenge names: the scopes, or the authentication, that would have sufficed. */
  readonly tells?: 'scope' | 'authentication'
  /** What was not available, on a 503. Its circuit breaker or backoff gives `Retry-After`. */
  readonly waitsFor?: 'keys' | 'introspection' | 'userinfo' | 'secret'
  /** `error_description` for the caller. Only where the signature was verified or the issuer introspected the token. */
  readonly hint?: string
}

/** The refusal follows from the token, the method and the path. */
const LASTING = { keepable: true } as const
/** The refusal depends on another field of the request, the keys, the time, or the state of the issuer. */
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

const wrongProof = (hint: string) =>
  ({ ...unauthorized(PASSING, hint), error: 'invalid_dpop_proof' }) as const satisfies FailureRow

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

/**
 * How each failure code is answered, by its name. The table is complete: no other refusal exists. `FAILURE_MEANINGS`
 * has the meaning of each code.
 */
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
  // Without iat, exp is compared with the present time, so this refusal ends by itself.
  token_lifetime: unauthorized(PASSING),
  claim_missing: unauthorized(LASTING),
  claim_malformed: unauthorized(LASTING),
  sender_constraint_unproven: unauthorized(
    PASSING,
    'The access token is sender-constrained and cannot be used as a plain bearer token here.',
  ),

  sender_constraint_missing: unauthorized(
    PASSING,
    'This request needs an access token that is bound to a key or certificate of its sender.',
  ),
  dpop_scheme_unbound: unauthorized(
    PASSING,
    'The access token is not bound to a key, so it is no token for the scheme DPoP.',
  ),
  dpop_proof_unexpected: {
    blame: 'client',
    status: 400,
    error: 'invalid_request',
    gateway: 'unauthorized',
    keepable: false,
    hint: 'The request has a DPoP proof, and its access token is not bound to a key.',
  },
  dpop_proof_missing: wrongProof(
    'The access token is bound to a key; send a DPoP proof of this key with the request.',
  ),
  dpop_proof_invalid: wrongProof('The DPoP proof is not valid for this request with this access token.'),
  dpop_proof_replayed: wrongProof(
    'The DPoP proof was used before; make a new one for every request, also to repeat a request.',
  ),
  dpop_key_mismatch: unauthorized(
    PASSING,
    'The access token is bound to another key than that of the DPoP proof.',
  ),
  dpop_nonce_required: {
    ...unauthorized(PASSING, 'Make the DPoP proof again, with the nonce in the field DPoP-Nonce.'),
    error: 'use_dpop_nonce',
  },
  replay_unavailable: unavailable('operator'),
  client_certificate_missing: unauthorized(
    PASSING,
    'The access token is bound to a client certificate; present this certificate in the TLS handshake.',
  ),
  client_certificate_refused: unauthorized(
    PASSING,
    'The access token is bound to a client certificate, and the one presented is not accepted here.',
  ),
  client_certificate_mismatch: unauthorized(
    PASSING,
    'The access token is bound to another client certificate than the one presented.',
  ),

  token_revoked: unauthorized(PASSING, 'The access token was revoked.'),
  revocation_unavailable: unavailable('operator'),

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
