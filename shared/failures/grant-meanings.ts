// What the refusals of an access token mean, and those for which no caller is to blame. See meanings.ts.

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
      'exp is not after iat, or further from it than maxLifetimeSeconds. Of an answer without iat: further from now.',
    source: 'RFC 9068 section 2.2',
  },
  claim_missing: { meaning: 'A required member is missing (detail: which).', source: 'RFC 9068 section 2.2' },
  claim_malformed: {
    meaning: 'A claim has the wrong type or form (detail: which).',
    source: 'RFC 7519 section 4.1',
  },
  sender_constraint_unproven: {
    meaning: 'The token is bound to a key of its client (cnf), and that cannot be proven here yet.',
    source: 'RFC 9449 section 7.1; RFC 8705 section 3',
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
    meaning: 'The route is for certain clients, and the client of the token is none of them.',
    source: 'RFC 9068 section 4',
  },
  claim_condition_unmet: {
    meaning: 'A claim does not have a value that the route demands (detail: which claim).',
    source: 'RFC 9068 section 4',
  },
  claim_distributed: {
    meaning:
      'The token says that a claim which the route or identity.claims names is elsewhere, so it is neither known nor absent (detail: which).',
    source: 'OpenID Connect Core 1.0 section 5.6.2',
  },
  authorization_details_lacking: {
    meaning: 'authorization_details has no object of a type that the route demands (detail: which type).',
    source: 'RFC 9396 section 9.1',
  },
  insufficient_user_authentication: {
    meaning:
      'The user has to sign in again, or in a stronger way (detail: acr or max_age is what was not met).',
    source: 'RFC 9470 section 3',
  },
  identity_inexpressible: {
    meaning: 'A claim to pass on is too long, or of a type that no header can carry (detail: which).',
    source: 'RFC 9110 section 5.5',
  },
  identity_missing: {
    meaning: 'Neither the token nor the issuer says who the user is (detail: which claim, and why not).',
    source: 'OpenID Connect Core 1.0 section 5.3',
  },
  introspection_unreachable: {
    meaning: 'The issuer could not be asked about the token: no connection.',
    source: 'RFC 9110 section 15.6.4',
  },
  introspection_timeout: {
    meaning: 'The issuer was asked about the token and did not answer in time.',
    source: 'RFC 9110 section 15.6.4',
  },
  introspection_status: {
    meaning: 'The issuer answered the question about the token with an error (detail: the status).',
    source: 'RFC 7662 section 2.3',
  },
  introspection_redirect: {
    meaning: 'The issuer answered the question about the token with a redirect. None is followed.',
    source: 'RFC 9700 section 4.11',
  },
  introspection_too_large: {
    meaning: 'The answer about the token is larger than 64 KiB.',
    source: 'RFC 7662 section 2.2',
  },
  introspection_empty: { meaning: 'The answer about the token is empty.', source: 'RFC 7662 section 2.2' },
  introspection_not_json: {
    meaning: 'The answer about the token is neither JSON nor, where that was asked for, a JWT.',
    source: 'RFC 7662 section 2.2',
  },
  introspection_malformed: {
    meaning: 'The answer about the token is not what the standard or the provider documents (detail: how).',
    source: 'RFC 7662 section 2.2',
  },
  introspection_unverified: {
    meaning:
      'The signed answer about the token is not signed, or not by and for whom it should be (detail: why).',
    source: 'RFC 9701 section 5',
  },
  introspection_endpoint_unknown: {
    meaning: "The issuer's metadata does not name the endpoint, or cannot be had (detail: why).",
    source: 'RFC 8414 section 2',
  },
  introspection_credentials_refused: {
    meaning:
      "The issuer refuses Lanekeeper's own credentials, freshly loaded ones included, or answers so about a token that it does not take (detail: the status).",
    source: 'RFC 7662 section 2.3',
  },
  introspection_unsupported: {
    meaning:
      'The issuer does not answer questions about such a token (400). It may want JWTs to be verified: add keys.',
    source: 'RFC 7009 section 2.2.1',
  },
  introspection_rate_limited: {
    meaning:
      'The issuer wants fewer questions about tokens (429, or as the provider says it). It is left alone for a while.',
    source: 'RFC 6585 section 4',
  },
  introspection_busy: {
    meaning:
      'As many questions about tokens are under way as may be for a token like this; it was not asked about.',
    source: 'RFC 9110 section 15.6.4',
  },
  introspection_held: {
    meaning:
      'Not asked: the last questions failed, our credentials were refused, or the allowance is kept for known tokens (detail: why).',
    source: 'RFC 9110 section 15.6.4',
  },
  userinfo_unavailable: {
    meaning: 'The token does not say who the user is, and the issuer could not be asked (detail: why).',
    source: 'OpenID Connect Core 1.0 section 5.3.3',
  },
  userinfo_mismatch: {
    meaning: 'The issuer tells of another user than the token does.',
    source: 'OpenID Connect Core 1.0 section 5.3.2',
  },
  secret_unavailable: {
    meaning:
      'A secret that the configuration points at cannot be had or used (detail: where it is and why not).',
    source: 'docs/configuration.md',
  },
  deadline_exceeded: {
    meaning:
      'What had to be asked for (keys, secrets, facts, userinfo) took longer in all than a request may wait.',
    source: 'RFC 9110 section 15.6.4',
  },
  event_unrecognised: {
    meaning: 'The function was called with an event that is no API Gateway authorizer event.',
    source: 'AWS API Gateway developer guide',
  },
  request_unrecognised: {
    meaning:
      'authorize() was called with something that is no AuthorizationRequest (detail: which member, what it must be, and what makes one).',
    source: 'docs/cloudflare.md',
  },
  internal_error: {
    meaning: 'A defect in Lanekeeper or in its surroundings. Please report it.',
    source: 'RFC 9110 section 15.6.4',
  },
} as const satisfies Readonly<Record<string, FailureMeaning>>
