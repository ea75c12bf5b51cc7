// Which lane does this token belong in? The issuer signs many things with one key; only an access token may
// authorize a request. No single mark tells them apart, so there are two lists: negative marks, each of
// which proves another kind, and the positive marks of the issuer's profile, of which every group must be there.
// Judged only after the signature, so that the reason may be told. RFC 8725 sections 3.11 and 3.12.

import { failure, type Failure, type FailureCode } from '../failure.ts'
import type { Rule } from '../rule.ts'
import { hasMark, markText, type Profile } from './profiles/profile.ts'
import { member, type JsonObject } from './strict-json.ts'

const APPLICATION = 'application/'

/** `typ` without its optional `application/`, in lower case; `null` where it is absent or no string. */
function typOf(header: JsonObject): string | null {
  const typ = member(header, 'typ')
  if (typeof typ !== 'string') return null
  const lower = typ.toLowerCase()
  return lower.startsWith(APPLICATION) ? lower.slice(APPLICATION.length) : lower
}

interface KindRow {
  readonly kind: FailureCode
  readonly mark: string
  readonly source: string
}

interface TypRow extends KindRow {
  readonly typ: string
}

interface ClaimRow extends KindRow {
  /** Without this claim the mark is not there. */
  readonly claim: string
  readonly found: (claims: JsonObject) => boolean
}

const typed = (kind: FailureCode, typ: string, source: string): TypRow => ({
  kind,
  mark: `typ ${typ}`,
  source,
  typ,
})

const claimed = (kind: FailureCode, claim: string, source: string): ClaimRow => ({
  kind,
  mark: claim,
  source,
  claim,
  found: (claims) => Object.hasOwn(claims, claim),
})

const valued = (kind: FailureCode, claim: string, value: string, source: string): ClaimRow => ({
  kind,
  mark: `${claim} ${value}`,
  source,
  claim,
  found(claims) {
    const found = member(claims, claim)
    return typeof found === 'string' && found.toLowerCase() === value
  },
})

const TYP_ROWS: readonly TypRow[] = [
  typed('logout_token', 'logout+jwt', 'OpenID Connect Back-Channel Logout 1.0 section 2.4'),
  typed('dpop_proof', 'dpop+jwt', 'RFC 9449 section 4.2'),
  typed('introspection_response', 'token-introspection+jwt', 'RFC 9701 section 5'),
  typed('security_event_token', 'secevent+jwt', 'RFC 8417 section 2.3'),
  typed('client_assertion', 'client-authentication+jwt', 'draft-ietf-oauth-rfc7523bis section 4'),
  typed(
    'verifiable_presentation',
    'vp+jwt',
    'W3C Securing Verifiable Credentials using JOSE and COSE section 3.1',
  ),
  typed(
    'verifiable_presentation',
    'vc+jwt',
    'W3C Securing Verifiable Credentials using JOSE and COSE section 3.1',
  ),
  typed(
    'verifiable_presentation',
    'vp+sd-jwt',
    'W3C Securing Verifiable Credentials using JOSE and COSE section 3.2',
  ),
  typed(
    'verifiable_presentation',
    'vc+sd-jwt',
    'W3C Securing Verifiable Credentials using JOSE and COSE section 3.2',
  ),
  typed('verifiable_presentation', 'dc+sd-jwt', 'draft-ietf-oauth-sd-jwt-vc section 3.2'),
  typed('verifiable_presentation', 'kb+jwt', 'RFC 9901 section 4.3'),
]

const CLAIM_ROWS: readonly ClaimRow[] = [
  {
    kind: 'logout_token',
    mark: 'events backchannel-logout',
    source: 'OpenID Connect Back-Channel Logout 1.0 section 2.4',
    claim: 'events',
    found(claims) {
      const events = member(claims, 'events')
      return (
        typeof events === 'object' &&
        events !== null &&
        Object.hasOwn(events, 'http://schemas.openid.net/event/backchannel-logout')
      )
    },
  },
  claimed('security_event_token', 'events', 'RFC 8417 section 2.2'),
  claimed('security_event_token', 'toe', 'RFC 8417 section 2.2'),
  claimed('introspection_response', 'token_introspection', 'RFC 9701 section 5'),
  claimed('dpop_proof', 'htu', 'RFC 9449 section 4.2'),
  claimed('dpop_proof', 'htm', 'RFC 9449 section 4.2'),
  claimed('dpop_proof', 'ath', 'RFC 9449 section 4.2'),
  claimed('verifiable_presentation', 'vp', 'W3C Verifiable Credentials Data Model 1.1 section 6.3.1'),
  claimed('verifiable_presentation', 'vc', 'W3C Verifiable Credentials Data Model 1.1 section 6.3.1'),
  claimed('verifiable_presentation', 'verifiableCredential', 'W3C Verifiable Credentials Data Model 2.0'),
  claimed('verifiable_presentation', 'credentialSubject', 'W3C Verifiable Credentials Data Model 2.0'),
  claimed('verifiable_presentation', 'vct', 'draft-ietf-oauth-sd-jwt-vc section 3.2'),
  claimed('verifiable_presentation', 'sd_hash', 'RFC 9901 section 4.3'),
  claimed('verifiable_presentation', '_sd', 'RFC 9901 section 4.2.4.1'),
  claimed('verifiable_presentation', '_sd_alg', 'RFC 9901 section 4.1.1'),
  valued('logout_token', 'typ', 'logout', 'Keycloak claim typ'),
  valued('registration_token', 'typ', 'initialaccesstoken', 'Keycloak claim typ'),
  valued('registration_token', 'typ', 'registrationaccesstoken', 'Keycloak claim typ'),
  valued('action_token', 'typ', 'execute-actions', 'Keycloak claim typ'),
  valued('action_token', 'typ', 'reset-credentials', 'Keycloak claim typ'),
  valued('action_token', 'typ', 'verify-email', 'Keycloak claim typ'),
  valued('action_token', 'typ', 'update-email', 'Keycloak claim typ'),
  valued('action_token', 'typ', 'idp-verify-account-via-email', 'Keycloak claim typ'),
  valued('action_token', 'typ', 'orgivt', 'Keycloak claim typ'),
  valued('refresh_token', 'token_use', 'refresh', 'provider convention'),
  valued('refresh_token', 'typ', 'refresh', 'Keycloak claim typ'),
  valued('refresh_token', 'typ', 'offline', 'Keycloak claim typ'),
  valued('refresh_token', 'tokenName', 'refresh_token', 'PingAM claim tokenName'),
  valued('id_token', 'token_use', 'id', 'Amazon Cognito claim token_use'),
  valued('id_token', 'typ', 'id', 'Keycloak claim typ'),
  valued('id_token', 'typ', 'serialized-id', 'Keycloak claim typ'),
  valued('id_token', 'tokenName', 'id_token', 'PingAM claim tokenName'),
  valued('id_token', 'purpose', 'id', 'Curity claim purpose'),
  claimed('id_token', 'nonce', 'OpenID Connect Core 1.0 section 2'),
  claimed('id_token', 'sub_jwk', 'OpenID Connect Core 1.0 section 7.4'),
  claimed('id_token', 'at_hash', 'OpenID Connect Core 1.0 section 3.1.3.6'),
  claimed('id_token', 'c_hash', 'OpenID Connect Core 1.0 section 3.3.2.11'),
  claimed('id_token', 's_hash', 'FAPI 1.0 Advanced section 5.1.1'),
  claimed('id_token', 'urn:openid:params:jwt:claim:rt_hash', 'OpenID Connect CIBA Core 1.0 section 10.3.1'),
  claimed(
    'id_token',
    'urn:openid:params:jwt:claim:auth_req_id',
    'OpenID Connect CIBA Core 1.0 section 10.3.1',
  ),
  {
    kind: 'client_assertion',
    mark: 'iss = sub',
    source: 'RFC 7523 section 3',
    claim: 'sub',
    found: (claims) => member(claims, 'sub') !== undefined && member(claims, 'sub') === member(claims, 'iss'),
  },
]

/** Marks of everything that is not an access token, the most specific first. */
export const KIND_ROWS: readonly KindRow[] = [...TYP_ROWS, ...CLAIM_ROWS]

const ROW_BY_TYP: ReadonlyMap<string | null, TypRow> = new Map(TYP_ROWS.map((row) => [row.typ, row]))

/** By claim: where the rows about it are. */
const PLACES: ReadonlyMap<string, readonly number[]> = new Map(
  CLAIM_ROWS.map(({ claim }) => [
    claim,
    CLAIM_ROWS.flatMap((row, place) => (row.claim === claim ? [place] : [])),
  ]),
)

/**
 * The first of the rows asked for whose mark is there. Goes through the claims of the token, not through the rows: there
 * are fewer of them, and hardly any has a row about it.
 */
function findRow(
  header: JsonObject,
  claims: JsonObject,
  isAskedFor: (row: KindRow) => boolean,
): KindRow | undefined {
  const byTyp = ROW_BY_TYP.get(typOf(header))
  if (byTyp !== undefined && isAskedFor(byTyp)) return byTyp
  let first = CLAIM_ROWS.length
  for (const name in claims) {
    const places = PLACES.get(name)
    if (places === undefined) continue
    for (const place of places) {
      const row = CLAIM_ROWS[place]!
      if (place < first && row.found(claims) && isAskedFor(row)) first = place
    }
  }
  return CLAIM_ROWS[first]
}

const isWaived = ({ mark }: KindRow, { waived }: Profile): boolean =>
  waived.some((waiver) => waiver.mark === mark)

/** The kind that some negative mark proves, with the mark; `null` where there is none. */
export function findKind(header: JsonObject, claims: JsonObject, profile: Profile): Failure | null {
  const row = findRow(header, claims, (found) => !isWaived(found, profile))
  if (row !== undefined) return failure(row.kind, { mark: row.mark })
  const foreign = profile.foreign.find(({ mark }) => hasMark(mark, header, claims))
  return foreign === undefined ? null : failure(foreign.kind, { mark: markText(foreign.mark) })
}

/**
 * What a token that could not be verified looks like, by the marks of lane.ts alone: for the operator's log,
 * never a reason. A DPoP proof, a client assertion or a presentation is signed by somebody else than the
 * issuer, so nothing better can be had about them.
 */
export const findUnverifiedKind = (header: JsonObject, claims: JsonObject): FailureCode | null =>
  findRow(header, claims, () => true)?.kind ?? null

export const missingMarks = (header: JsonObject, claims: JsonObject, profile: Profile): string[] =>
  profile.marks
    .filter((group) => !group.some((mark) => hasMark(mark, header, claims)))
    .map((group) => group.map(markText).join('|'))

/** Names everything that is missing at once: `typ` stands for one that the profile does not know, too. */
const unproven = (missing: readonly string[]): Failure =>
  failure('token_kind_unproven', { missing: missing.join(' ') })

/** A waived mark proves nothing against an access token. What has no mark of one at all is what the waived mark says. */
function findWaivedKind(header: JsonObject, claims: JsonObject, profile: Profile): Failure | null {
  const row = findRow(header, claims, (found) => isWaived(found, profile))
  return row === undefined ? null : failure(row.kind, { mark: row.mark })
}

/** A `typ` that is there and is no string is no `typ` of any profile, not even of one that wants none. */
const isTypOf = (header: JsonObject, profile: Profile): boolean =>
  Object.hasOwn(header, 'typ') ? profile.typ.includes(typOf(header) || 'none') : profile.typ.includes('')

/** In order; the first refusal is the one reported. */
export const LANE_RULES: readonly Rule<[header: JsonObject, claims: JsonObject, profile: Profile]>[] = [
  { name: 'negative marks', check: findKind },
  {
    name: 'typ',
    check: (header, claims, profile) =>
      isTypOf(header, profile) ? null : unproven(['typ', ...missingMarks(header, claims, profile)]),
  },
  {
    name: 'positive marks',
    check(header, claims, profile) {
      const missing = missingMarks(header, claims, profile)
      if (missing.length === 0) return null
      const waived = missing.length < profile.marks.length ? null : findWaivedKind(header, claims, profile)
      return waived ?? unproven(missing)
    },
  },
]
