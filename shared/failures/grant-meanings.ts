// Meanings of the refusals of an access token, and of those that are not the fault of a caller. See meanings.ts.

import type { FailureMeaning } from './meaning.ts'

export const GRANT_MEANINGS = {
  audience_mismatch: { meaning: 'aud does not name this API.', source: 'RFC 9068 section 4' },
  client_mismatch: {
    meaning: 'The token was issued to a client that is not listed.',
    source: 'RFC 7662 section 4',
  },
  tenant_mismatch: {
    meaning: 'The claim that names the tenant does not agree with iss.',
    source: 'Microsoft identity platform, Validate tokens',
  },
  token_expired: { meaning: 'exp has passed.', source: 'RFC 9068 section 4' },
  token_not_yet_valid: { meaning: 'nbf is in the future.', source: 'RFC 7519 section 4.1.5' },
  token_issued_in_future: { meaning: 'iat is in the future.', source: 'RFC 7519 section 4.1.6' },
  token_lifetime: {
    meaning:
      'exp is not after iat, or more than maxLifetimeSeconds after it. Without iat (introspection): exp is more than that from now.',
    source: 'RFC 9068 section 2.2',
  },
  claim_missing: { meaning: 'A required member is missing (detail: which).', source: 'RFC 9068 section 2.2' },
  claim_malformed: {
    meaning: 'A claim has the wrong type or form (detail: which).',
    source: 'RFC 7519 section 4.1',
  },
  sender_constraint_unproven: {
    meaning:
      'The token is bound to its sender (cnf), and this request cannot prove it: it came with the scheme Bearer in place of DPoP, or issuer, route or edge take no token that is bound in this way (docs/dpop.md, docs/mtls.md).',
    source: 'RFC 9449 section 7.1; RFC 8705 section 3',
  },
  token_revoked: {
    meaning:
      'An entry in the store of revocations covers the token (detail: by, the kind of the entry). See docs/revocation.md.',
    source: 'RFC 7009 section 2.2, RFC 6750 section 3.1',
  },
  revocation_unavailable: {
    meaning:
      'The store of revocations could not be read for longer than `revocation.staleSeconds`, or at all by a new instance or for a route with `strong` (detail: problem).',
    source: 'RFC 9110 section 15.6.4',
  },
  insufficient_scope: {
    meaning: 'The token lacks a scope that the route demands (detail: which).',
    source: 'RFC 6750 section 3.1',
  },
  email_unverified: {
    meaning: 'Users are identified by email here, and email_verified is not true.',
    source: 'OpenID Connect Core 1.0 section 5.7',
  },
  client_not_allowed: {
    meaning: 'The client of the token is not among the clients of the route.',
    source: 'RFC 9068 section 4',
  },
  claim_condition_unmet: {
    meaning: 'A claim does not have a value that the route demands (detail: which claim).',
    source: 'RFC 9068 section 4',
  },
  claim_distributed: {
    meaning:
      'The token says that a claim is elsewhere, so the claim is neither known nor absent, and the route or identity.claims needs it (detail: which).',
    source: 'OpenID Connect Core 1.0 section 5.6.2',
  },
  authorization_details_lacking: {
    meaning: 'authorization_details has no object of a type that the route demands (detail: which type).',
    source: 'RFC 9396 section 9.1',
  },
  insufficient_user_authentication: {
    meaning:
      'The user has to sign in again, or in a stronger way (detail: whether acr or max_age is not met).',
    source: 'RFC 9470 section 3',
  },
  identity_inexpressible: {
    meaning: 'A claim to pass on is too long, or of a type that no header can carry (detail: which).',
    source: 'RFC 9110 section 5.5',
  },
  identity_missing: {
    meaning:
      'Neither the token nor userinfo has the claim that identifies the user (detail: which claim, and why not).',
    source: 'OpenID Connect Core 1.0 section 5.3',
  },
  introspection_unreachable: {
    meaning: 'Introspection failed: no connection to the issuer.',
    source: 'RFC 9110 section 15.6.4',
  },
  introspection_timeout: {
    meaning: 'Introspection failed: the issuer did not answer in time.',
    source: 'RFC 9110 section 15.6.4',
  },
  introspection_status: {
    meaning: 'Introspection failed: the issuer answered with an error (detail: the status).',
    source: 'RFC 7662 section 2.3',
  },
  introspection_redirect: {
    meaning: 'Introspection failed: the issuer answered with a redirect. None is followed.',
    source: 'RFC 9700 section 4.11',
  },
  introspection_too_large: {
    meaning: 'The introspection response is larger than 64 KiB.',
    source: 'RFC 7662 section 2.2',
  },
  introspection_empty: { meaning: 'The introspection response is empty.', source: 'RFC 7662 section 2.2' },
  introspection_not_json: {
    meaning: 'The introspection response is neither JSON nor, with `response: jwt`, a JWT.',
    source: 'RFC 7662 section 2.2',
  },
  introspection_malformed: {
    meaning: 'The introspection response is not what the standard or the provider documents (detail: how).',
    source: 'RFC 7662 section 2.2',
  },
  introspection_unverified: {
    meaning:
      'The introspection response is not a recent one that this issuer signed for this client (detail: why).',
    source: 'RFC 9701 section 5',
  },
  introspection_endpoint_unknown: {
    meaning: "The issuer's metadata does not name the endpoint, or could not be fetched (detail: why).",
    source: 'RFC 8414 section 2',
  },
  introspection_credentials_refused: {
    meaning:
      "The issuer refuses Lanekeeper's own credentials, also after they were loaded again, or answers so for a token that it does not accept (detail: the status).",
    source: 'RFC 7662 section 2.3',
  },
  introspection_unsupported: {
    meaning:
      'The issuer does not introspect such tokens (400). It may expect that JWTs are verified with its keys: add keys.',
    source: 'RFC 7009 section 2.2.1',
  },
  introspection_rate_limited: {
    meaning:
      'The issuer wants fewer introspection requests (429, or as the provider says it). It gets none for a while.',
    source: 'RFC 6585 section 4',
  },
  introspection_busy: {
    meaning:
      'Not introspected: as many introspection requests are in flight as may be for a token like this one.',
    source: 'RFC 9110 section 15.6.4',
  },
  introspection_held: {
    meaning:
      "Not introspected: the last requests failed, the issuer refused Lanekeeper's credentials, or the allowance is kept for known tokens (detail: why).",
    source: 'RFC 9110 section 15.6.4',
  },
  userinfo_unavailable: {
    meaning: 'The token does not say who the user is, and userinfo could not be fetched (detail: why).',
    source: 'OpenID Connect Core 1.0 section 5.3.3',
  },
  userinfo_mismatch: {
    meaning: 'The userinfo response is about another user than the token.',
    source: 'OpenID Connect Core 1.0 section 5.3.2',
  },
  secret_unavailable: {
    meaning:
      'A secret to which the configuration points cannot be loaded or used (detail: where it is, and why not).',
    source: 'docs/configuration.md',
  },
  deadline_exceeded: {
    meaning:
      'Fetching keys, secrets, introspection responses and userinfo took longer in all than a request may wait.',
    source: 'RFC 9110 section 15.6.4',
  },
  event_unrecognised: {
    meaning: 'The function was called with an event that is not an API Gateway authorizer event.',
    source: 'AWS API Gateway developer guide',
  },
  request_unrecognised: {
    meaning:
      'The argument of authorize() is not an AuthorizationRequest (detail: which member, what it must be, and what makes one).',
    source: 'docs/cloudflare.md',
  },
  internal_error: {
    meaning: 'A defect in Lanekeeper or in its environment. Please report it.',
    source: 'RFC 9110 section 15.6.4',
  },
} as const satisfies Readonly<Record<string, FailureMeaning>>
