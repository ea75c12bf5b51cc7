// What decides in a `profile` that the operator describes. Not what ID tokens are known to have, of which there is no
// end: a short list of what access tokens have and no ID token of a provider known here has; their sources: decisive-sources.ts.
// What is not on it may be a mark and decides nothing. RFC 8725 sections 3.11 and 3.12: no single mark is enough,
// unless the issuer names the kind of the token in a claim.

import { ACCESS_TOKEN_NAMES, KIND_CLAIMS as KIND_CLAIM_NAMES } from '../../token/kind-claims.ts'
import { claim, type Evidence } from '../../token/profiles/profile.ts'

interface DecisiveEvidence {
  readonly in: 'header' | 'claims'
  readonly name: string
  /** Only with one of these, in any case. */
  readonly values?: readonly string[]
}

/** Claims in which an issuer says of what kind a token is: one of them, with the value of an access token, decides. */
export const KIND_CLAIMS: readonly DecisiveEvidence[] = KIND_CLAIM_NAMES.map((name) => ({
  in: 'claims',
  name,
  values: ACCESS_TOKEN_NAMES,
}))

/** Members that no ID token known here has: two of them decide, or one of them and `typ`. */
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

/** Whether it is the claim in which the issuer says that this is an access token. */
export const namesKind = (evidence: Evidence): boolean =>
  evidence.values !== undefined &&
  KIND_CLAIMS.some(
    (row) =>
      isAt(evidence)(row) && evidence.values!.every((value) => row.values!.includes(value.toLowerCase())),
  )

/** Those of some members of an answer that name the kind of the token, with the values of an access token. */
export const kindEvidence = (members: readonly string[]): readonly Evidence[] =>
  KIND_CLAIMS.filter(({ name }) => members.includes(name)).map(({ name }) =>
    claim(name, ...ACCESS_TOKEN_NAMES, 'Bearer', 'DPoP'),
  )

/** Whether these marks, all of which must be there, tell an access token from an ID token whose `typ` is the same. */
export function areDecisive(typ: readonly string[], evidence: readonly Evidence[]): boolean {
  if (evidence.some(namesKind)) return true
  const members = ACCESS_MEMBERS.filter((row) => evidence.some((one) => isAt(one)(row)))
  const byTyp = typ.length > 0 && typ.every((name) => name === ACCESS_TYP) ? 1 : 0
  return members.length + byTyp >= 2
}

const names = (rows: readonly DecisiveEvidence[]): string => rows.map(({ name }) => name).join(', ')

/** What to do where they do not. */
export const NOT_DECISIVE = [
  'has nothing that an ID token of the same issuer could not have; add',
  `one of ${names(KIND_CLAIMS)} with the value of an access token (${ACCESS_TOKEN_NAMES.join(', ')}),`,
  `or two of ${names(ACCESS_MEMBERS)}; one is enough where typ is ${ACCESS_TYP} alone (docs/providers.md)`,
].join(' ')

/** What to do where something else is to be waived than such a claim outweighs. */
export const NOT_WAIVED = `needs evidence that names the kind: ${names(KIND_CLAIMS)}`
