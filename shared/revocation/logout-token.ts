// The rules of a logout token: a statement of an issuer, to one of its clients, that a session or every session of a
// user has ended. Nothing of the token is believed before its signature has been verified. OpenID Connect Back-Channel
// Logout 1.0 sections 2.4 and 2.6; RFC 8725 sections 3.11 and 3.12.

import type { CoreConfig, ResolvedIssuer } from '../config/config.ts'
import { isFailure, type Failure } from '../failures/failure.ts'
import { firstRefusal } from '../failures/rule.ts'
import type { IssuerKeys } from '../keys/issuer-keys.ts'
import type { Deadline } from '../platform/deadline.ts'
import { isIdentifier, isNumericDate } from '../token/claims.ts'
import { parseToken, type ParsedToken } from '../token/compact.ts'
import { HEADER_RULES } from '../token/header.ts'
import { ACCESS_TOKEN_NAMES, KIND_CLAIMS } from '../token/kind-claims.ts'
import { findKind, typOf } from '../token/kind.ts'
import type { KindProfile } from '../token/profiles/profile.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

/** What the sender is told, by the code that the log has. A sentence repeats nothing of the request. */
export const LOGOUT_REFUSALS = {
  method_refused: 'A logout token is sent with POST.',
  content_type_refused: 'The content type must be application/x-www-form-urlencoded.',
  body_too_large: 'The body has more than 16 KiB.',
  logout_token_absent: 'The parameter logout_token is missing.',
  logout_token_repeated: 'The parameter logout_token is there more than once.',
  logout_token_malformed: 'The logout token is not a JWS in its compact form.',
  logout_header_refused: 'A header parameter of the logout token is not accepted.',
  logout_typ_refused: 'The typ of a logout token is logout+jwt.',
  logout_issuer_unknown: 'Logout tokens of this issuer are not accepted.',
  logout_signature_refused: 'The signature of the logout token is not accepted.',
  logout_audience_mismatch: 'The logout token is for another client.',
  logout_iat_refused: 'The iat of the logout token is missing, in the future or long past.',
  logout_exp_refused: 'The exp of the logout token is missing or past.',
  logout_nbf_refused: 'The logout token is not valid yet.',
  logout_jti_refused: 'The jti of the logout token is missing or malformed.',
  logout_subject_malformed: 'The sub or sid of the logout token is malformed.',
  logout_subject_missing: 'The logout token has neither sub nor sid.',
  logout_events_refused: 'The events of the logout token do not have the event of a back-channel logout.',
  logout_nonce_refused: 'A logout token has no nonce.',
  logout_kind_refused: 'This is recognisably another token than a logout token.',
  logout_access_token: 'This is recognisably an access token.',
  session_unknown: 'The logout token has a sid alone, and access tokens of this issuer name no session.',
} as const

export type LogoutRefusal = keyof typeof LOGOUT_REFUSALS

/** A rule with one check. The rules of a list run in order, and the first refusal is the result. */
export interface LogoutRule<Subject> {
  readonly name: string
  readonly check: (subject: Subject) => LogoutRefusal | null
}

export function firstLogoutRefusal<Subject>(
  rules: readonly LogoutRule<Subject>[],
  subject: Subject,
): LogoutRefusal | null {
  for (const rule of rules) {
    const refused = rule.check(subject)
    if (refused !== null) return refused
  }
  return null
}

const rule = <Subject>(
  name: string,
  refusal: LogoutRefusal,
  holds: (subject: Subject) => boolean,
): LogoutRule<Subject> => ({ name, check: (subject) => (holds(subject) ? null : refusal) })

/** The largest body of a request. A logout token has well below 2 KiB. */
export const MAX_LOGOUT_BYTES = 16_384

/** The bounds of access tokens are for the operator's API and do not apply. */
const LIMITS = { maxTokenBytes: MAX_LOGOUT_BYTES, maxJsonDepth: 16 }

/** In order, before the signature. HEADER_RULES refuse `none`. */
export const LOGOUT_HEADER_RULES: readonly LogoutRule<JsonObject>[] = [
  rule('header', 'logout_header_refused', (header) => firstRefusal(HEADER_RULES, header) === null),
  rule(
    'typ',
    'logout_typ_refused',
    (header) => !Object.hasOwn(header, 'typ') || typOf(header) === 'logout+jwt',
  ),
]

/** A verified token, and what its claims are compared with. */
export interface LogoutSubject {
  readonly header: JsonObject
  readonly claims: JsonObject
  readonly issuer: ResolvedIssuer
  /** Our clients of the issuer. */
  readonly clients: ReadonlySet<string>
  /** Seconds since the epoch, with fractions. */
  readonly now: number
}

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/** These rows of kind.ts are of logout tokens, or have a rule of their own. Keycloak adds the claim `typ`. */
const LOGOUT_KIND: KindProfile = {
  name: 'logout token',
  typ: [],
  evidence: [],
  waived: ['typ logout+jwt', 'events backchannel-logout', 'events', 'typ logout', 'nonce'],
}

/** Claims that say what an access token may be used for and by whom. RFC 9068 sections 2.2 and 2.2.3. */
const ACCESS_TOKEN_CLAIMS = ['scope', 'scp', 'client_id']

const namesAccessToken = (value: unknown): boolean =>
  typeof value === 'string' && (ACCESS_TOKEN_NAMES as readonly string[]).includes(value.toLowerCase())

const isAccessToken = (claims: JsonObject): boolean =>
  ACCESS_TOKEN_CLAIMS.some((name) => Object.hasOwn(claims, name)) ||
  KIND_CLAIMS.some((name) => namesAccessToken(member(claims, name)))

const isIdentifierIfThere = (claims: JsonObject, name: string): boolean =>
  !Object.hasOwn(claims, name) || isIdentifier(claims[name])

/**
 * In order, after the signature. `iat`: all tokens have expired that the issuer issued `maxLifetimeSeconds` ago, so an
 * older logout token could refuse none.
 */
export const LOGOUT_CLAIM_RULES: readonly LogoutRule<LogoutSubject>[] = [
  rule('aud', 'logout_audience_mismatch', ({ claims, clients }) => {
    const audiences: readonly unknown[] = [member(claims, 'aud')].flat()
    return audiences.every(isIdentifier) && audiences.some((audience) => clients.has(audience))
  }),
  rule('iat', 'logout_iat_refused', ({ claims, issuer, now }) => {
    const iat = member(claims, 'iat')
    const { clockToleranceSeconds: tolerance, maxLifetimeSeconds } = issuer
    return isNumericDate(iat) && iat <= now + tolerance && iat >= now - tolerance - maxLifetimeSeconds
  }),
  rule('exp', 'logout_exp_refused', ({ claims, issuer, now }) => {
    const exp = member(claims, 'exp')
    return isNumericDate(exp) && now < exp + issuer.clockToleranceSeconds
  }),
  rule('nbf', 'logout_nbf_refused', ({ claims, issuer, now }) => {
    const nbf = Object.hasOwn(claims, 'nbf') ? claims['nbf'] : 0
    return isNumericDate(nbf) && nbf <= now + issuer.clockToleranceSeconds
  }),
  rule('jti', 'logout_jti_refused', ({ claims }) => isIdentifier(member(claims, 'jti'))),
  rule('form of sub', 'logout_subject_malformed', ({ claims }) => isIdentifierIfThere(claims, 'sub')),
  rule('form of sid', 'logout_subject_malformed', ({ claims }) => isIdentifierIfThere(claims, 'sid')),
  rule(
    'sub or sid',
    'logout_subject_missing',
    ({ claims }) => Object.hasOwn(claims, 'sub') || Object.hasOwn(claims, 'sid'),
  ),
  rule('events', 'logout_events_refused', ({ claims }) => {
    const events = member(claims, 'events')
    return isJsonObject(events) && isJsonObject(member(events, EVENT))
  }),
  rule('nonce', 'logout_nonce_refused', ({ claims }) => !Object.hasOwn(claims, 'nonce')),
  rule(
    'another kind',
    'logout_kind_refused',
    ({ header, claims }) => findKind(header, claims, LOGOUT_KIND) === null,
  ),
  rule('access token', 'logout_access_token', ({ claims }) => !isAccessToken(claims)),
]

/** The configured issuer that an untrusted token names, if logout tokens of it are accepted. */
function selectLogoutIssuer(
  { claims }: ParsedToken,
  { issuers, revocation }: CoreConfig,
): ResolvedIssuer | null {
  const iss = member(claims, 'iss')
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined
  return issuer !== undefined && revocation!.logout!.clients.has(issuer.name) ? issuer : null
}

/** @internal The steps of reading a logout token. Tests replace one at a time. */
export const LOGOUT_TOKEN_STEPS = {
  parseToken: (text: string) => parseToken(text, LIMITS),
  headerRules: LOGOUT_HEADER_RULES,
  selectLogoutIssuer,
  verify: (keys: IssuerKeys, token: ParsedToken, issuer: ResolvedIssuer, deadline: Deadline) =>
    keys.verify(token, issuer, deadline),
  claimRules: LOGOUT_CLAIM_RULES,
}

/** A token that every rule accepts. */
export interface LogoutToken {
  readonly claims: JsonObject
  readonly issuer: ResolvedIssuer
}

/** Why a token is refused. */
export interface RefusedLogout {
  readonly refusal: LogoutRefusal
  /** The issuer that the token names, once it is known to be a configured one. */
  readonly issuer?: ResolvedIssuer
  /** Why the signature could not be verified. */
  readonly failed?: Failure
}

/** @internal Reads a logout token. `now`: milliseconds since the epoch. */
export async function readLogoutToken(
  text: string,
  config: CoreConfig,
  keys: IssuerKeys,
  now: () => number,
  deadline: Deadline,
  steps: typeof LOGOUT_TOKEN_STEPS = LOGOUT_TOKEN_STEPS,
): Promise<LogoutToken | RefusedLogout> {
  const token = steps.parseToken(text)
  if (isFailure(token)) return { refusal: 'logout_token_malformed' }
  const { header, claims } = token
  const early = firstLogoutRefusal(steps.headerRules, header)
  if (early !== null) return { refusal: early }
  const issuer = steps.selectLogoutIssuer(token, config)
  if (issuer === null) return { refusal: 'logout_issuer_unknown' }
  const proof = await steps.verify(keys, token, issuer, deadline)
  if (proof !== null && isFailure(proof))
    return { refusal: 'logout_signature_refused', issuer, failed: proof }
  const clients = config.revocation!.logout!.clients.get(issuer.name)!
  const subject: LogoutSubject = { header, claims, issuer, clients, now: now() / 1000 }
  const refusal = firstLogoutRefusal(steps.claimRules, subject)
  return refusal === null ? { claims, issuer } : { refusal, issuer }
}
