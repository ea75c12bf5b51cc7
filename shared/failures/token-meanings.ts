// Meanings of the refusals of a credential, a path or a token that is not an access token. See meanings.ts.

import type { FailureMeaning } from './meaning.ts'

export const TOKEN_MEANINGS = {
  credential_missing: {
    meaning: 'The route needs an access token, and the request has none.',
    source: 'RFC 6750 section 3.1',
  },
  credential_scheme: {
    meaning:
      'The Authorization field uses another scheme than Bearer, or than DPoP where bound tokens are accepted.',
    source: 'RFC 9110 section 11.6.2',
  },
  credential_malformed: {
    meaning:
      'The Authorization field is not "Bearer" (or "DPoP", where bound tokens are accepted), one or more spaces and a token.',
    source: 'RFC 6750 section 2.1',
  },
  credential_repeated: {
    meaning: 'There is more than one Authorization field, or more than one credential in it.',
    source: 'RFC 6750 section 3.1',
  },
  credential_in_query: {
    meaning: 'The query has an access_token parameter, which would end up in logs.',
    source: 'RFC 9700 section 4.3.2',
  },
  identity_sources_missing: {
    meaning:
      'The HTTP API may cache the answer without token, method, path or route in its key, and would apply it to other requests. Add the identity sources named in `missing`, or set `aws.resultTtlSeconds: 0` if it caches nothing (docs/aws.md).',
    source: 'API Gateway developer guide, Lambda authorizers for HTTP APIs',
  },
  target_ambiguous: {
    meaning: 'Two servers could read the path in two ways, so no rule is applied to it (docs/routes.md).',
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
    meaning: 'No rule covers this path. Paths without a rule are refused.',
    source: 'docs/routes.md',
  },
  method_unknown: {
    meaning: 'Rules cover this path, but none of them covers this method.',
    source: 'docs/routes.md',
  },
  token_too_large: { meaning: 'The token is larger than maxTokenBytes.', source: 'RFC 8725 section 3.9' },
  token_opaque: {
    meaning: 'The token is not a JWT, and no configured issuer introspects it.',
    source: 'RFC 7519 section 7.2',
  },
  token_encrypted: {
    meaning:
      'The token has the five parts of a JWE, and no configured issuer introspects it. Only signed tokens are read here.',
    source: 'RFC 7516 section 9',
  },
  token_malformed: {
    meaning: 'The token is not in the one canonical form of a compact JWS (detail: part and problem).',
    source: 'RFC 7515 section 5.2',
  },
  token_inactive: {
    meaning:
      'The issuer says that the token is not active: expired, revoked, never issued, or not meant for the client that introspects it.',
    source: 'RFC 7662 section 2.2',
  },
  kind_unverified: {
    meaning:
      'The unverified token says that it is not an access token, so it was not introspected; or it has a nonce, and neither it nor the introspection response names its kind (detail: unverified_kind).',
    source: 'RFC 8725 section 3.11',
  },
  issuer_not_allowed: {
    meaning: 'The route accepts tokens of another issuer only.',
    source: 'docs/opaque-tokens.md',
  },
  alg_unsupported: {
    meaning: 'The header names no algorithm that is supported here. "none" is not.',
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
    meaning: 'The algorithm is not in the list of this issuer. HS* never is for an issuer with public keys.',
    source: 'RFC 8725 section 3.1',
  },
  key_unknown: {
    meaning: 'The issuer has no key with this kid (a shared secret has no kid).',
    source: 'RFC 7517 section 4.5',
  },
  key_mismatch: {
    meaning: 'The key with this kid is not for this algorithm, or not for this tenant.',
    source: 'RFC 8725 section 3.1',
  },
  key_ambiguous: {
    meaning:
      'Several keys of the issuer could be meant: different keys share the kid of the token, or it has no kid and more than four keys fit (detail: which).',
    source: 'RFC 7517 section 4.5; RFC 7515 appendix D',
  },
  key_refused: {
    meaning:
      'The key that the issuer publishes under this kid is weak, private or broken, and is not used (detail: why).',
    source: 'RFC 7515 section 4.1.1; RFC 9068 section 4',
  },
  keys_unavailable: {
    meaning:
      'The keys of the issuer are not available at the moment: no key set could be fetched, or none with a usable key (detail: why).',
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
      'The issuer signed this for one action at the issuer itself, such as a link in an e-mail, not as an access token.',
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
} as const satisfies Readonly<Record<string, FailureMeaning>>
