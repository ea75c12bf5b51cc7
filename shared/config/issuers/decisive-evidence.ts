// The evidence that makes a described `profile` decisive: a short list of members that access tokens have and that no
// ID token of a known provider has (sources: decisive-sources.ts). A list of what ID tokens have would never be
// complete. A member that is not on the list may be required, but is not decisive. RFC 8725 sections 3.11 and 3.12: one
// member is not enough, unless the issuer names the kind of the token in it.

import { ACCESS_TOKEN_NAMES, KIND_CLAIMS as KIND_CLAIM_NAMES } from '../../token/kind-claims.ts'
import { claim, type Evidence } from '../../token/profiles/profile.ts'

interface DecisiveEvidence {
  readonly in: 'header' | 'claims'
  readonly name: string
  /** It is decisive only with one of these values, in upper or lower case. */
  readonly values?: readonly string[]
}

/** Claims that name the kind of a token. One of them with the value of an access token is decisive. */
export const KIND_CLAIMS: readonly DecisiveEvidence[] = KIND_CLAIM_NAMES.map((name) => ({
  in: 'claims',
  name,
  values: ACCESS_TOKEN_NAMES,
}))

/** Members that no known ID token has. Two of them are decisive, and so is one with the `typ` of access tokens. */
export const ACCESS_MEMBERS: readonly DecisiveEvidence[] = [
  { in: 'claims', name: 'client_id' },
  { in: 'claims', name: 'scope' },
  { in: 'claims', name: 'authorization_details' },
  { in: 'claims', name: 'permissions' },
  { in: 'claims', name: 'cid' },
  { in: 'claims', name: 'azpacr' },
  { in: 'claims', name: 'appidacr' },
  { in: 'claims', name: 'grant_type' },
  { in: 'header', name: 'pi.atm' },
]

/** The one `typ` that is registered for access tokens. RFC 9068 section 2.1. */
export const ACCESS_TYP = 'at+jwt'

const isAt =
  (evidence: Evidence) =>
  (row: DecisiveEvidence): boolean =>
    row.in === evidence.in && row.name === evidence.name

/** Whether it is a claim that names the kind, and demands the value of an access token. */
export const namesKind = (evidence: Evidence): boolean =>
  evidence.values !== undefined &&
  KIND_CLAIMS.some(
    (row) =>
      isAt(evidence)(row) && evidence.values!.every((value) => row.values!.includes(value.toLowerCase())),
  )

/** Required members of an answer that name the kind of the token, as evidence with the values of an access token. */
export const kindEvidence = (members: readonly string[]): readonly Evidence[] =>
  KIND_CLAIMS.filter(({ name }) => members.includes(name)).map(({ name }) =>
    claim(name, ...ACCESS_TOKEN_NAMES, 'Bearer', 'DPoP'),
  )

/** Whether this evidence, all of which is required, tells an access token from an ID token with the same `typ`. */
export function areDecisive(typ: readonly string[], evidence: readonly Evidence[]): boolean {
  if (evidence.some(namesKind)) return true
  const members = ACCESS_MEMBERS.filter((row) => evidence.some((one) => isAt(one)(row)))
  const byTyp = typ.length > 0 && typ.every((name) => name === ACCESS_TYP) ? 1 : 0
  return members.length + byTyp >= 2
}

const names = (rows: readonly DecisiveEvidence[]): string => rows.map(({ name }) => name).join(', ')

/** The problem of a profile whose evidence is not decisive. */
export const NOT_DECISIVE = [
  'could match an ID token of the same issuer; add',
  `one of ${names(KIND_CLAIMS)} with the value of an access token (${ACCESS_TOKEN_NAMES.join(', ')}),`,
  `or two of ${names(ACCESS_MEMBERS)}; one is enough where typ is ${ACCESS_TYP} alone (docs/providers.md)`,
].join(' ')

/** The problem of `waived` in a profile without evidence that names the kind. */
export const NOT_WAIVED = `needs evidence that names the kind: ${names(KIND_CLAIMS)}`
