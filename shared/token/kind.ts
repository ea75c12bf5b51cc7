// The kind of a token. An issuer signs many kinds of JWTs with one key, and only an access token may authorize a
// request. No single member tells the kinds apart, so there are two lists: evidence of another kind, one item of which
// is enough for a refusal, and the evidence of an access token in the issuer's profile: groups, of each of which the
// token must have an item. Checked only after the signature, so that the caller may learn the reason of a refusal.
// RFC 8725 sections 3.11 and 3.12.

import { failure, type Failure, type FailureCode } from '../failures/failure.ts'
import type { Rule } from '../failures/rule.ts'
import { hasEvidence, evidenceText, type KindProfile } from './profiles/profile.ts'
import { member, type JsonObject } from './strict-json.ts'

const APPLICATION = 'application/'

/** `typ` without its optional `application/`, in lower case; `null` where it is absent or no string. */
export function typOf(header: JsonObject): string | null {
  const typ = member(header, 'typ')
  if (typeof typ !== 'string') return null
  const lower = typ.toLowerCase()
  return lower.startsWith(APPLICATION) ? lower.slice(APPLICATION.length) : lower
}

interface KindRow {
  readonly kind: FailureCode
  readonly evidence: string
}

interface TypRow extends KindRow {
  readonly typ: string
}

interface ClaimRow extends KindRow {
  /** A token without this claim does not have the evidence. */
  readonly claim: string
  readonly matches: (claims: JsonObject) => boolean
}

const typRows = (kind: FailureCode, ...types: readonly string[]): TypRow[] =>
  types.map((typ) => ({ kind, evidence: `typ ${typ}`, typ }))

const claimRows = (kind: FailureCode, ...names: readonly string[]): ClaimRow[] =>
  names.map((claim) => ({ kind, evidence: claim, claim, matches: (claims) => Object.hasOwn(claims, claim) }))

const valueRows = (kind: FailureCode, claim: string, ...values: readonly string[]): ClaimRow[] =>
  values.map((value) => ({
    kind,
    evidence: `${claim} ${value}`,
    claim,
    matches(claims) {
      const actual = member(claims, claim)
      return typeof actual === 'string' && actual.toLowerCase() === value
    },
  }))

const TYP_ROWS: readonly TypRow[] = [
  ...typRows('logout_token', 'logout+jwt'),
  ...typRows('dpop_proof', 'dpop+jwt'),
  ...typRows('introspection_response', 'token-introspection+jwt'),
  ...typRows('security_event_token', 'secevent+jwt'),
  ...typRows('client_assertion', 'client-authentication+jwt'),
  ...typRows('verifiable_presentation', 'vp+jwt', 'vc+jwt', 'vp+sd-jwt', 'vc+sd-jwt', 'dc+sd-jwt', 'kb+jwt'),
]

const CLAIM_ROWS: readonly ClaimRow[] = [
  {
    kind: 'logout_token',
    evidence: 'events backchannel-logout',
    claim: 'events',
    matches(claims) {
      const events = member(claims, 'events')
      return (
        typeof events === 'object' &&
        events !== null &&
        Object.hasOwn(events, 'http://schemas.openid.net/event/backchannel-logout')
      )
    },
  },
  ...claimRows('security_event_token', 'events', 'toe'),
  ...claimRows('introspection_response', 'token_introspection'),
  ...claimRows('dpop_proof', 'htu', 'htm', 'ath'),
  ...claimRows(
    'verifiable_presentation',
    'vp',
    'vc',
    'verifiableCredential',
    'credentialSubject',
    'vct',
    'sd_hash',
    '_sd',
    '_sd_alg',
  ),
  ...valueRows('logout_token', 'typ', 'logout'),
  ...valueRows('registration_token', 'typ', 'initialaccesstoken', 'registrationaccesstoken'),
  ...valueRows(
    'action_token',
    'typ',
    'execute-actions',
    'reset-credentials',
    'verify-email',
    'update-email',
    'idp-verify-account-via-email',
    'orgivt',
  ),
  ...valueRows('refresh_token', 'token_use', 'refresh'),
  ...valueRows('refresh_token', 'typ', 'refresh', 'offline'),
  ...valueRows('refresh_token', 'tokenName', 'refresh_token'),
  ...valueRows('id_token', 'token_use', 'id'),
  ...valueRows('id_token', 'typ', 'id', 'serialized-id'),
  ...valueRows('id_token', 'tokenName', 'id_token'),
  ...valueRows('id_token', 'purpose', 'id'),
  ...claimRows(
    'id_token',
    'nonce',
    'sub_jwk',
    'at_hash',
    'c_hash',
    's_hash',
    'urn:openid:params:jwt:claim:rt_hash',
    'urn:openid:params:jwt:claim:auth_req_id',
  ),
  {
    kind: 'client_assertion',
    evidence: 'iss = sub',
    claim: 'sub',
    matches: (claims) =>
      member(claims, 'sub') !== undefined && member(claims, 'sub') === member(claims, 'iss'),
  },
]

/** Evidence of every kind but access tokens, the most specific first. The sources of the rows: kind-sources.ts. */
export const KIND_ROWS: readonly KindRow[] = [...TYP_ROWS, ...CLAIM_ROWS]

const ROW_BY_TYP: ReadonlyMap<string | null, TypRow> = new Map(TYP_ROWS.map((row) => [row.typ, row]))

/** For each claim, the indexes of its rows in `CLAIM_ROWS`. */
const INDEXES_BY_CLAIM: ReadonlyMap<string, readonly number[]> = new Map(
  CLAIM_ROWS.map(({ claim }) => [
    claim,
    CLAIM_ROWS.flatMap((row, index) => (row.claim === claim ? [index] : [])),
  ]),
)

/**
 * The first wanted row that the token matches. Loops over the claims of the token, not over the rows: there are fewer
 * claims, and hardly any of them has a row.
 */
function findRow(
  header: JsonObject,
  claims: JsonObject,
  isWanted: (row: KindRow) => boolean,
): KindRow | undefined {
  const byTyp = ROW_BY_TYP.get(typOf(header))
  if (byTyp !== undefined && isWanted(byTyp)) return byTyp
  let first = CLAIM_ROWS.length
  for (const name in claims) {
    const indexes = INDEXES_BY_CLAIM.get(name)
    if (indexes === undefined) continue
    for (const index of indexes) {
      const row = CLAIM_ROWS[index]!
      if (index < first && row.matches(claims) && isWanted(row)) first = index
    }
  }
  return CLAIM_ROWS[first]
}

const isWaived = ({ evidence }: KindRow, { waived }: KindProfile): boolean =>
  waived?.includes(evidence) === true

/** The other kind of which the token has evidence that is not waived, and that evidence; `null` if it has none. */
export function findKind(header: JsonObject, claims: JsonObject, profile: KindProfile): Failure | null {
  const row = findRow(header, claims, (one) => !isWaived(one, profile))
  if (row !== undefined) return failure(row.kind, { mark: row.evidence })
  const otherKind = profile.otherKinds?.find(({ evidence }) => hasEvidence(evidence, header, claims))
  return otherKind === undefined ? null : failure(otherKind.kind, { mark: evidenceText(otherKind.evidence) })
}

/**
 * The kind that an unverified token seems to be of, by the rows of this file alone: for the operator's log, never the
 * reason of a refusal. DPoP proofs, client assertions and presentations are not signed by the issuer, so their kind can
 * only be guessed.
 */
export const findUnverifiedKind = (header: JsonObject, claims: JsonObject): FailureCode | null =>
  findRow(header, claims, () => true)?.kind ?? null

/**
 * The groups of the profile's evidence of which the token has no item, as texts for the log. `|` separates the items of
 * a group.
 */
export const missingEvidence = (header: JsonObject, claims: JsonObject, profile: KindProfile): string[] =>
  profile.evidence
    .filter((group) => !group.some((evidence) => hasEvidence(evidence, header, claims)))
    .map((group) => group.map(evidenceText).join('|'))

/** Lists everything that is missing at once. `typ` is listed also for a `typ` that the profile does not accept. */
const unproven = (missing: readonly string[]): Failure =>
  failure('token_kind_unproven', { missing: missing.join(' ') })

/**
 * The kind of which the token has waived evidence. Access tokens of the profile may have such evidence; a token that
 * has no evidence of an access token at all is refused as that other kind.
 */
function findWaivedKind(header: JsonObject, claims: JsonObject, profile: KindProfile): Failure | null {
  const row = findRow(header, claims, (one) => isWaived(one, profile))
  return row === undefined ? null : failure(row.kind, { mark: row.evidence })
}

/** No profile accepts a `typ` that is empty or not a string, not even a profile for tokens without `typ`. */
const isTypOf = (header: JsonObject, profile: KindProfile): boolean =>
  Object.hasOwn(header, 'typ') ? profile.typ.includes(typOf(header) || 'none') : profile.typ.includes('')

/** In order; the first refusal is the result. */
export const KIND_RULES: readonly Rule<[header: JsonObject, claims: JsonObject, profile: KindProfile]>[] = [
  { name: 'evidence of another kind', check: findKind },
  {
    name: 'typ',
    check: (header, claims, profile) =>
      isTypOf(header, profile) ? null : unproven(['typ', ...missingEvidence(header, claims, profile)]),
  },
  {
    name: 'evidence of an access token',
    check(header, claims, profile) {
      const missing = missingEvidence(header, claims, profile)
      if (missing.length === 0) return null
      const waived = missing.length < profile.evidence.length ? null : findWaivedKind(header, claims, profile)
      return waived ?? unproven(missing)
    },
  },
]
