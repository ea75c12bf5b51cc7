// Written by hand: at which stage and by which rule a request is refused with each code. A code of several stages or
// rules has a line for each, with the ids of its rows; the first line that fits a row is the one that counts.

import type { FailureCode } from '../../../shared/index.ts'
import type { StageName } from '../../../shared/compiler.ts'

export interface Decider {
  readonly stage: StageName
  readonly rule: string
}

type Line = readonly [code: FailureCode, stage: StageName, rule: string, ids?: RegExp]

const ANSWER = ['introspection', 'answer of the issuer'] as const
const KIND = ['kind', 'evidence of another kind'] as const

export const DECIDERS: readonly Line[] = [
  ['credential_missing', 'credential', 'Authorization'],
  // With DPoP, the scheme can be read and is refused for the kind of the token.
  ['credential_scheme', 'credential', 'Authorization', /scheme (?:DPoPs|Basic|mTLS)$|^mtls\/alone: scheme/],
  ['credential_scheme', 'sender', 'scheme', /^(?:dpop|mtls)\//],
  ['credential_scheme', 'credential', 'Authorization'],
  ['credential_malformed', 'credential', 'Authorization'],
  ['credential_repeated', 'credential', 'Authorization'],
  ['credential_in_query', 'credential', 'Authorization'],

  ['host_unknown', 'route', 'host'],
  ['target_ambiguous', 'route', 'spellings', /^route\/spelled again/],
  ['target_ambiguous', 'route', 'path and method'],
  ['target_too_long', 'route', 'path and method'],
  ['route_unknown', 'route', 'path and method'],
  ['method_unknown', 'route', 'path and method'],

  ['token_too_large', 'token', 'who introspects', /^opaque\//],
  ['token_too_large', 'token', 'form'],
  ['token_opaque', 'token', 'form'],
  ['token_encrypted', 'token', 'form'],
  ['token_malformed', 'token', 'form'],
  ['alg_unsupported', 'token', 'alg'],
  ['header_member_refused', 'token', 'members'],
  ['kid_malformed', 'token', 'kid'],
  ['issuer_unknown', 'token', 'who introspects', /names a provider with a check$/],
  ['issuer_unknown', 'claims', 'iss', /^opaque\/another iss$/],
  ['issuer_unknown', 'token', 'iss'],
  ['issuer_not_allowed', 'token', 'issuer of the route'],

  ['alg_not_allowed', 'signature', 'algorithm'],
  ['key_unknown', 'signature', 'shared secret', /^secret\/HS/],
  ['key_unknown', 'signature', 'key'],
  ['key_mismatch', 'signature', 'key'],
  ['key_ambiguous', 'signature', 'key'],
  ['key_refused', 'signature', 'key'],
  ['keys_unavailable', 'signature', 'key'],
  ['signature_invalid', 'signature', 'shared secret', /^secret\/HS/],
  ['signature_invalid', 'signature', 'signature'],
  ['secret_unavailable', 'signature', 'shared secret'],

  ['token_inactive', ...ANSWER],
  ['introspection_unreachable', ...ANSWER],
  ['introspection_timeout', ...ANSWER],
  ['introspection_status', ...ANSWER],
  ['introspection_redirect', ...ANSWER],
  ['introspection_too_large', ...ANSWER],
  ['introspection_empty', ...ANSWER],
  ['introspection_not_json', ...ANSWER],
  ['introspection_malformed', ...ANSWER],
  ['introspection_unverified', 'introspection', 'key', /with an unknown kid$/],
  ['introspection_unverified', ...ANSWER],
  ['introspection_endpoint_unknown', ...ANSWER],
  ['introspection_credentials_refused', ...ANSWER],
  ['introspection_unsupported', ...ANSWER],
  ['introspection_rate_limited', ...ANSWER],
  ['introspection_held', ...ANSWER],

  ['kind_unverified', 'token', 'who introspects', /^opaque\/an ID token is not introspected$/],
  ['kind_unverified', 'kind', 'the token itself'],
  ['id_token', 'kind', 'kinds', /^opaque\/an ID token by (?:token_use|a URN)$/],
  // These profiles waive the evidence that the token has.
  [
    'id_token',
    'kind',
    'evidence of an access token',
    /^provider\/(?:entra-b2c.*nonce and no|custom-nonce ID token)/,
  ],
  ['id_token', ...KIND],
  ['logout_token', ...KIND],
  ['refresh_token', ...KIND, /^opaque\/(?:a refresh token by typ|kind in tokenName: a refresh token)$/],
  ['refresh_token', 'kind', 'kinds', /^opaque\//],
  ['refresh_token', ...KIND],
  ['dpop_proof', ...KIND],
  ['client_assertion', ...KIND],
  ['introspection_response', ...KIND],
  ['security_event_token', ...KIND],
  ['registration_token', ...KIND],
  ['action_token', ...KIND],
  ['verifiable_presentation', ...KIND],
  [
    'token_kind_unproven',
    'kind',
    'required members',
    /^opaque\/(?:.*without token_type|an ID token as PingFederate|token_type null|kind in tokenName: no kind$|.*better-auth)/,
  ],
  ['token_kind_unproven', 'kind', 'kinds', /^opaque\//],
  // The claim `typ` of Keycloak is evidence of an access token; the others are about the header.
  ['token_kind_unproven', 'kind', 'evidence of an access token', /typ of no kind$/],
  ['token_kind_unproven', 'kind', 'typ', /^(?:kind\/|provider\/[a-z0-9-]+ )typ /],
  ['token_kind_unproven', 'kind', 'evidence of an access token'],

  ['tenant_mismatch', 'claims', 'tenant'],
  ['audience_mismatch', 'policy', 'resource', /^condition\/resource /],
  ['audience_mismatch', 'claims', 'aud'],
  ['client_mismatch', 'claims', 'clients', /^opaque\//],
  ['client_mismatch', 'claims', 'client'],
  ['token_expired', 'claims', 'exp'],
  ['token_not_yet_valid', 'claims', 'nbf'],
  ['token_issued_in_future', 'claims', 'iat'],
  ['token_lifetime', 'claims', 'lifetime'],
  ['claim_missing', 'claims', 'client_id', /^opaque\/.*client_id/],
  ['claim_missing', 'claims', 'aud', /^opaque\/.*aud|without aud good$|for nobody$/],
  ['claim_missing', 'claims', 'required', /^claims\/|no tid$/],
  ['claim_missing', 'grant', 'identity and scopes'],
  ['claim_malformed', 'claims', 'aud', /^claims\/aud /],
  ['claim_malformed', 'claims', 'form', /^claims\/|tid in a list$|audience that is no client$/],
  ['claim_malformed', 'policy', 'authorization_details', /^condition\/authorization_details/],
  ['claim_malformed', 'policy', 'claims', /^condition\/claims/],
  ['claim_malformed', 'grant', 'identity and scopes'],

  ['sender_constraint_unproven', 'kind', 'kinds', /^opaque\/token_type DPoP without cnf$/],
  [
    'sender_constraint_unproven',
    'kind',
    'kinds',
    /^(?:dpop|mtls)\/introspected: (?:token_type DPoP|cnf \{\}$(?<=dpop.*))/,
  ],
  ['sender_constraint_unproven', 'sender', 'cnf', /^(?:binding|opaque)\//],
  ['sender_constraint_unproven', 'sender', 'proof', /^dpop\/introspected: /],
  [
    'sender_constraint_unproven',
    'sender',
    'what the route accepts',
    /^dpop\/(?:route none|issuer none|cnf )/,
  ],
  ['sender_constraint_unproven', 'sender', 'proof', /^(?:dpop\/|mtls\/both: (?:no|a) proof, as Bearer$)/],
  ['sender_constraint_unproven', 'sender', 'what the route accepts', /^mtls\//],
  ['sender_constraint_missing', 'sender', 'what the route accepts'],
  ['dpop_scheme_unbound', 'sender', 'scheme'],
  ['dpop_proof_unexpected', 'sender', 'scheme'],
  ['dpop_proof_missing', 'sender', 'proof'],
  ['dpop_proof_invalid', 'sender', 'proof', /^dpop\/(?:repeated|malformed|too_large): /],
  ['dpop_proof_invalid', 'sender', 'typ', /^dpop\/(?:typ: |an access token as its own proof$)/],
  ['dpop_proof_invalid', 'sender', 'crit', /^dpop\/crit: /],
  ['dpop_proof_invalid', 'sender', 'alg', /^dpop\/alg: /],
  ['dpop_proof_invalid', 'sender', 'DPoP', /^dpop\/(?:signature|jwk): |another key has signed$/],
  ['dpop_proof_invalid', 'sender', 'jti', /^dpop\/jti: /],
  ['dpop_proof_invalid', 'sender', 'htm', /^dpop\/htm: |for another method$/],
  [
    'dpop_proof_invalid',
    'sender',
    'htu',
    /^dpop\/htu: |^dpop\/report-only: a wrong proof$|a proof of another route$/,
  ],
  ['dpop_proof_invalid', 'sender', 'ath', /^dpop\/ath: |the proof of another token$|for another token$/],
  ['dpop_proof_invalid', 'sender', 'iat', /^dpop\/iat: |no time at all$/],
  ['dpop_proof_invalid', 'sender', 'exp', /^dpop\/exp: /],
  ['dpop_proof_invalid', 'sender', 'nbf', /^dpop\/nbf: /],
  ['dpop_proof_invalid', 'sender', 'nonce', /^(?:dpop\/)?nonce/],
  ['dpop_proof_replayed', 'sender', 'used before'],
  ['dpop_key_mismatch', 'sender', 'cnf.jkt'],
  ['dpop_nonce_required', 'sender', 'nonce'],
  [
    'client_certificate_missing',
    'sender',
    'certificate in a header',
    /header.*(?:guard alone|an empty field|none behind the guard|of another name)$|then the guard alone$/,
  ],
  ['client_certificate_missing', 'sender', 'presented', /^mtls\/presented: |facts of an earlier one$/],
  ['client_certificate_missing', 'sender', 'client certificate'],
  ['client_certificate_refused', 'sender', 'certificate in a header', /^mtls\/header/],
  [
    'client_certificate_refused',
    'sender',
    'certificate',
    /^mtls\/(?:fingerprint|malformed|expired: validity|issuer: caller)/,
  ],
  ['client_certificate_refused', 'sender', 'verified', /^mtls\/(?:not_verified: |again: unverified$)/],
  ['client_certificate_refused', 'sender', 'revoked', /^mtls\/(?:revoked: |again: revoked$)/],
  ['client_certificate_refused', 'sender', 'time', /^mtls\/expired: /],
  ['client_certificate_refused', 'sender', 'issuer', /^mtls\/issuer: /],
  ['client_certificate_mismatch', 'sender', 'cnf.x5t#S256'],
  // Two statements of Cloudflare about one certificate that differ.
  ['request_unrecognised', 'sender', 'certificate'],

  ['token_revoked', 'revocation', 'entries'],

  ['claim_distributed', 'policy', 'scope', /^condition\/scopes elsewhere$/],
  ['claim_distributed', 'policy', 'claims', /^condition\/claims/],
  ['claim_distributed', 'policy', 'authorization_details', /^condition\/authorization_details/],
  ['claim_distributed', 'policy', 'acr', /acr elsewhere$/],
  ['claim_distributed', 'policy', 'max_age', /time elsewhere$/],
  ['claim_distributed', 'grant', 'identity and scopes'],
  ['email_unverified', 'grant', 'identity and scopes'],
  ['identity_inexpressible', 'grant', 'identity and scopes'],
  ['identity_missing', 'grant', 'userinfo'],
  ['userinfo_mismatch', 'grant', 'userinfo'],
  ['userinfo_unavailable', 'grant', 'userinfo'],

  ['insufficient_scope', 'policy', 'scope'],
  ['client_not_allowed', 'policy', 'client'],
  ['claim_condition_unmet', 'policy', 'claims'],
  ['authorization_details_lacking', 'policy', 'authorization_details'],
  ['insufficient_user_authentication', 'policy', 'max_age', /^condition\/sign-in (?:too|in the|at )/],
  ['insufficient_user_authentication', 'policy', 'acr'],
]

/** Codes that no row has, and why. */
export const WITHOUT_ROWS: Partial<Readonly<Record<FailureCode, string>>> = {
  identity_sources_missing: 'the Lambda refuses before it asks the authorizer',
  event_unrecognised: 'the Lambda refuses before it asks the authorizer',
  internal_error: 'an exception, which no request causes',
  deadline_exceeded: 'several fetches that together take longer than a request may wait',
  introspection_busy: 'more lookups at once than an issuer is asked',
  replay_unavailable: 'a store of used proofs that does not answer',
  revocation_unavailable: 'a store of revocations that does not answer',
}

/** The decider of a row that is refused with this code; `undefined`: no line fits. */
export function deciderOf(code: FailureCode, id: string): Decider | undefined {
  const [, stage, rule] = DECIDERS.find(([of, , , ids]) => of === code && (ids?.test(id) ?? true)) ?? []
  return stage === undefined || rule === undefined ? undefined : { stage, rule }
}
