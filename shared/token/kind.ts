// Which lane does this token belong in? The issuer signs many things with one key; only an access token may
// authorize a request. No single mark tells them apart, so there are two lists: negative marks, each of
// which proves another kind, and the positive marks of the issuer's profile, of which every group must be there.
// Judged only after the signature, so that the reason may be told. RFC 8725 sections 3.11 and 3.12.

import { failure, type Failure, type FailureCode } from '../failures/failure.ts'
import type { Rule } from '../failures/rule.ts'
import { hasEvidence, evidenceText, type Profile } from './profiles/profile.ts'
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
  /** Without this claim the mark is not there. */
  readonly claim: string
  readonly found: (claims: JsonObject) => boolean
}

const typed = (kind: FailureCode, ...types: readonly string[]): TypRow[] =>
  types.map((typ) => ({ kind, evidence: `typ ${typ}`, typ }))

const claimed = (kind: FailureCode, ...names: readonly string[]): ClaimRow[] =>
  names.map((claim) => ({ kind, evidence: claim, claim, found: (claims) => Object.hasOwn(claims, claim) }))

const valued = (kind: FailureCode, claim: string, ...values: readonly string[]): ClaimRow[] =>
  values.map((value) => ({
    kind,
    evidence: `${claim} ${value}`,
    claim,
    found(claims) {
      const found = member(claims, claim)
      return typeof found === 'string' && found.toLowerCase() === value
    },
  }))

const TYP_ROWS: readonly TypRow[] = [
  ...typed('logout_token', 'logout+jwt'),
  ...typed('dpop_proof', 'dpop+jwt'),
  ...typed('introspection_response', 'token-introspection+jwt'),
  ...typed('security_event_token', 'secevent+jwt'),
  ...typed('client_assertion', 'client-authentication+jwt'),
  ...typed('verifiable_presentation', 'vp+jwt', 'vc+jwt', 'vp+sd-jwt', 'vc+sd-jwt', 'dc+sd-jwt', 'kb+jwt'),
]

const CLAIM_ROWS: readonly ClaimRow[] = [
  {
    kind: 'logout_token',
    evidence: 'events backchannel-logout',
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
  ...claimed('security_event_token', 'events', 'toe'),
  ...claimed('introspection_response', 'token_introspection'),
  ...claimed('dpop_proof', 'htu', 'htm', 'ath'),
  ...claimed(
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
  ...valued('logout_token', 'typ', 'logout'),
  ...valued('registration_token', 'typ', 'initialaccesstoken', 'registrationaccesstoken'),
  ...valued(
    'action_token',
    'typ',
    'execute-actions',
    'reset-credentials',
    'verify-email',
    'update-email',
    'idp-verify-account-via-email',
    'orgivt',
  ),
  ...valued('refresh_token', 'token_use', 'refresh'),
  ...valued('refresh_token', 'typ', 'refresh', 'offline'),
  ...valued('refresh_token', 'tokenName', 'refresh_token'),
  ...valued('id_token', 'token_use', 'id'),
  ...valued('id_token', 'typ', 'id', 'serialized-id'),
  ...valued('id_token', 'tokenName', 'id_token'),
  ...valued('id_token', 'purpose', 'id'),
  ...claimed(
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
    found: (claims) => member(claims, 'sub') !== undefined && member(claims, 'sub') === member(claims, 'iss'),
  },
]

/** Marks of everything that is not an access token, the most specific first. Their sources: kind-sources.ts. */
export const KIND_ROWS: readonly KindRow[] = [...TYP_ROWS, ...CLAIM_ROWS]

const ROW_BY_TYP: ReadonlyMap<string | null, TypRow> = new Map(TYP_ROWS.map((row) => [row.typ, row]))

/** By claim: where the rows about it are. */
const INDEXES_BY_CLAIM: ReadonlyMap<string, readonly number[]> = new Map(
  CLAIM_ROWS.map(({ claim }) => [
    claim,
    CLAIM_ROWS.flatMap((row, index) => (row.claim === claim ? [index] : [])),
  ]),
)

/**
 * The first of the rows asked for whose mark is there. Goes through the claims of the token, not through the rows: there
 * are fewer of them, and hardly any has a row about it.
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
      if (index < first && row.found(claims) && isWanted(row)) first = index
    }
  }
  return CLAIM_ROWS[first]
}

const isWaived = ({ evidence }: KindRow, { waived }: Profile): boolean => waived.includes(evidence)

/** The kind that some negative mark proves, with the mark; `null` where there is none. */
export function findKind(header: JsonObject, claims: JsonObject, profile: Profile): Failure | null {
  const row = findRow(header, claims, (found) => !isWaived(found, profile))
  if (row !== undefined) return failure(row.kind, { mark: row.evidence })
  const otherKind = profile.otherKinds.find(({ evidence }) => hasEvidence(evidence, header, claims))
  return otherKind === undefined ? null : failure(otherKind.kind, { mark: evidenceText(otherKind.evidence) })
}

/**
 * What a token that could not be verified looks like, by the marks of kind.ts alone: for the operator's log,
 * never a reason. A DPoP proof, a client assertion or a presentation is signed by somebody else than the
 * issuer, so nothing better can be had about them.
 */
export const findUnverifiedKind = (header: JsonObject, claims: JsonObject): FailureCode | null =>
  findRow(header, claims, () => true)?.kind ?? null

export const missingEvidence = (header: JsonObject, claims: JsonObject, profile: Profile): string[] =>
  profile.evidence
    .filter((group) => !group.some((evidence) => hasEvidence(evidence, header, claims)))
    .map((group) => group.map(evidenceText).join('|'))

/** Names everything that is missing at once: `typ` stands for one that the profile does not know, too. */
const unproven = (missing: readonly string[]): Failure =>
  failure('token_kind_unproven', { missing: missing.join(' ') })

/** A waived mark proves nothing against an access token. What has no mark of one at all is what the waived mark says. */
function findWaivedKind(header: JsonObject, claims: JsonObject, profile: Profile): Failure | null {
  const row = findRow(header, claims, (found) => isWaived(found, profile))
  return row === undefined ? null : failure(row.kind, { mark: row.evidence })
}

/** A `typ` that is there and is no string is no `typ` of any profile, not even of one that wants none. */
const isTypOf = (header: JsonObject, profile: Profile): boolean =>
  Object.hasOwn(header, 'typ') ? profile.typ.includes(typOf(header) || 'none') : profile.typ.includes('')

/** In order; the first refusal is the one reported. */
export const KIND_RULES: readonly Rule<[header: JsonObject, claims: JsonObject, profile: Profile]>[] = [
  { name: 'negative marks', check: findKind },
  {
    name: 'typ',
    check: (header, claims, profile) =>
      isTypOf(header, profile) ? null : unproven(['typ', ...missingEvidence(header, claims, profile)]),
  },
  {
    name: 'positive marks',
    check(header, claims, profile) {
      const missing = missingEvidence(header, claims, profile)
      if (missing.length === 0) return null
      const waived = missing.length < profile.evidence.length ? null : findWaivedKind(header, claims, profile)
      return waived ?? unproven(missing)
    },
  },
]
