// What every code of failure.ts means, for the operator, and which sentence of which standard asks for it. For
// docs/decisions.md and whoever reads the source: nothing that decides reads it, and no bundle carries it.

import type { FailureCode } from './failure.ts'

export interface FailureMeaning {
  readonly meaning: string
  readonly source: string
}

export const FAILURE_MEANINGS: Readonly<Record<FailureCode, FailureMeaning>> = {
  credential_missing: {
    meaning: 'The route needs an access token and the request carries none.',
    source: 'RFC 6750 section 3.1',
  },
  credential_scheme: {
    meaning: 'The Authorization field uses another scheme than Bearer.',
    source: 'RFC 9110 section 11.6.2',
  },
  credential_malformed: {
    meaning: 'The Authorization field is not "Bearer", one or more spaces and a token.',
    source: 'RFC 6750 section 2.1',
  },
  credential_repeated: {
    meaning: 'There is more than one Authorization field, or more than one credential in it.',
    source: 'RFC 6750 section 3.1',
  },
  credential_in_query: {
    meaning: 'An access_token parameter is in the query, where it would reach logs.',
    source: 'RFC 9700 section 4.3.2',
  },
  identity_sources_missing: {
    meaning:
      'The HTTP API may keep the answer under less than token, method, path and route, and would apply it to other requests. Add the identity sources named in `missing`, or set `aws.resultTtlSeconds: 0` if it keeps nothing (docs/aws.md).',
    source: 'API Gateway developer guide, Lambda authorizers for HTTP APIs',
  },
  target_ambiguous: {
    meaning: 'The path can be read in two ways by two servers, so no rule is applied to it (docs/routes.md).',
    source: 'RFC 3986 section 6',
  },
  target_too_long: {
    meaning:
      'The path is longer than maxPathBytes, or than an IAM policy resource can name (512 characters).',
    source: 'RFC 9110 section 4.1',
  },
  host_unknown: {
    meaning:
      'The request is for a host that publicUrls does not list, or names no host (detail: problem). API Gateway routes by host itself.',
    source: 'RFC 9110 section 15.5.20',
  },
  route_unknown: {
    meaning: 'No rule covers this path. What is not listed is refused.',
    source: 'docs/routes.md',
  },
  method_unknown: {
    meaning: 'Rules cover this path, but none of them this method.',
    source: 'docs/routes.md',
  },
  token_too_large: { meaning: 'The token is larger than maxTokenBytes.', source: 'RFC 8725 section 3.9' },
  token_opaque: {
    meaning: 'The token is not a JWT, and no issuer is configured that could be asked about it.',
    source: 'RFC 7519 section 7.2',
  },
  token_encrypted: {
    meaning:
      'The token has the five parts of a JWE, and no issuer is configured that could be asked about it. Only signed tokens are read.',
    source: 'RFC 7516 section 9',
  },
  token_malformed: {
    meaning: 'The token is not in the one canonical form of a compact JWS (detail: part and problem).',
    source: 'RFC 7515 section 5.2',
  },
  token_inactive: {
    meaning:
      'The issuer says that the token is not active: expired, revoked, never issued, or not meant for the client that asks.',
    source: 'RFC 7662 section 2.2',
  },
  kind_unverified: {
    meaning:
      'The token says of itself that it is no access token, so its issuer was not asked; or it has a nonce, and neither it nor the answer names its kind (detail: unverified_kind).',
    source: 'RFC 8725 section 3.11',
  },
  issuer_not_allowed: {
    meaning: 'The route takes tokens of another issuer only.',
    source: 'docs/opaque-tokens.md',
  },
  alg_unsupported: {
    meaning: 'The header names no algorithm known here ("none" included).',
    source: 'RFC 8725 section 3.1',
  },
  header_member_refused: {
    meaning:
      'The header has a member that changes how a JWS is read (detail: which): crit, enc, jwk, b64 other than true, zip other than NONE, a cty that announces a JWT.',
    source: 'RFC 7515 section 4.1.11',
  },
  kid_malformed: {
    meaning: 'The kid is not a string of 1 to 256 characters.',
    source: 'RFC 7515 section 4.1.4',
  },
  issuer_unknown: { meaning: 'No configured issuer has exactly this iss.', source: 'RFC 9068 section 4' },
  alg_not_allowed: {
    meaning:
      'The algorithm is not in the list of this issuer. HS* never is, where the issuer has public keys.',
    source: 'RFC 8725 section 3.1',
  },
  key_unknown: {
    meaning: 'The issuer has no key with this kid (a shared secret has none).',
    source: 'RFC 7517 section 4.5',
  },
  key_mismatch: {
    meaning: 'The key with this kid is not for this algorithm, or not for this tenant.',
    source: 'RFC 8725 section 3.1',
  },
  key_ambiguous: {
    meaning:
      'The keys of the issuer cannot be told apart: different ones share the kid of the token, or it has none and more than four fit (detail: which).',
    source: 'RFC 7517 section 4.5; RFC 7515 appendix D',
  },
  key_refused: {
    meaning:
      'What the issuer publishes under this kid is weak, private or broken and verifies nothing (detail: why).',
    source: 'RFC 7515 section 4.1.1; RFC 9068 section 4',
  },
  keys_unavailable: {
    meaning: 'The key cannot be had at the moment: no key set came, or none with a usable key (detail: why).',
    source: 'RFC 9110 section 15.6.4',
  },
  signature_invalid: { meaning: 'The signature does not verify.', source: 'RFC 7515 section 5.2' },
  id_token: {
    meaning: 'The issuer signed this as an ID token, not as an access token.',
    source: 'OpenID Connect Core 1.0 section 2; RFC 8725 section 3.12',
  },
  logout_token: {
    meaning: 'The issuer signed this as a logout token, not as an access token.',
    source: 'OpenID Connect Back-Channel Logout 1.0 section 2.4',
  },
  refresh_token: {
    meaning: 'The issuer signed this as a refresh token, not as an access token.',
    source: 'RFC 6749 section 1.5',
  },
  dpop_proof: {
    meaning: 'The issuer signed this as a DPoP proof, not as an access token.',
    source: 'RFC 9449 section 4.2',
  },
  client_assertion: {
    meaning: 'The issuer signed this as a client assertion, not as an access token.',
    source: 'RFC 7523 section 3',
  },
  introspection_response: {
    meaning: 'The issuer signed this as an introspection response, not as an access token.',
    source: 'RFC 9701 section 8.1',
  },
  security_event_token: {
    meaning: 'The issuer signed this as a security event token, not as an access token.',
    source: 'RFC 8417 section 2',
  },
  registration_token: {
    meaning: 'The issuer signed this for the registration of a client, not as an access token for an API.',
    source: 'RFC 7591 section 3; RFC 7592 section 3',
  },
  action_token: {
    meaning:
      'The issuer signed this for one step at itself, such as a link by e-mail, not as an access token.',
    source: 'RFC 8725 section 3.11',
  },
  verifiable_presentation: {
    meaning: 'The issuer signed this as a verifiable credential or presentation, not as an access token.',
    source: 'RFC 8725 section 3.11',
  },
  token_kind_unproven: {
    meaning: 'Nothing in the token proves that it is an access token (detail: what is missing).',
    source: 'RFC 9068 section 4',
  },
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
}
