// What decides in a `profile` that the operator describes. Not what ID tokens are known to have, of which there is no
// end: a short list of what access tokens have and no ID token of a provider known here has; their sources: decisive-sources.ts.
// What is not on it may be a mark and decides nothing. RFC 8725 sections 3.11 and 3.12: no single mark is enough,
// unless the issuer names the kind of the token in a claim.

import { ACCESS_TOKEN_NAMES, KIND_CLAIMS as KIND_CLAIM_NAMES } from '../../token/kind-claims.ts'
import { claim, type Mark } from '../../token/profiles/profile.ts'

interface DecisiveMark {
  readonly in: 'header' | 'claims'
  readonly name: string
  /** Only with one of these, in any case. */
  readonly values?: readonly string[]
}

/** Claims in which an issuer says of what kind a token is: one of them, with the value of an access token, decides. */
export const KIND_CLAIMS: readonly DecisiveMark[] = KIND_CLAIM_NAMES.map((name) => ({
  in: 'claims',
  name,
  values: ACCESS_TOKEN_NAMES,
}))

/** Members that no ID token known here has: two of them decide, or one of them and `typ`. */
export const ACCESS_MEMBERS: readonly DecisiveMark[] = [
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
  (mark: Mark) =>
  (row: DecisiveMark): boolean =>
    row.in === mark.in && row.name === mark.name

/** Whether it is the claim in which the issuer says that this is an access token. */
export const namesKind = (mark: Mark): boolean =>
  mark.values !== undefined &&
  KIND_CLAIMS.some(
    (row) => isAt(mark)(row) && mark.values!.every((value) => row.values!.includes(value.toLowerCase())),
  )

/** Those of some members of an answer that name the kind of the token, with the values of an access token. */
export const kindMarks = (members: readonly string[]): readonly Mark[] =>
  KIND_CLAIMS.filter(({ name }) => members.includes(name)).map(({ name }) =>
    claim(name, ...ACCESS_TOKEN_NAMES, 'Bearer', 'DPoP'),
  )

/** Whether these marks, all of which must be there, tell an access token from an ID token whose `typ` is the same. */
export function areDecisive(typ: readonly string[], marks: readonly Mark[]): boolean {
  if (marks.some(namesKind)) return true
  const members = ACCESS_MEMBERS.filter((row) => marks.some((mark) => isAt(mark)(row)))
  const byTyp = typ.length > 0 && typ.every((name) => name === ACCESS_TYP) ? 1 : 0
  return members.length + byTyp >= 2
}

const names = (rows: readonly DecisiveMark[]): string => rows.map(({ name }) => name).join(', ')

/** What to do where they do not. */
export const NOT_DECISIVE = [
  'have nothing that an ID token of the same issuer could not have; add',
  `one of ${names(KIND_CLAIMS)} with the value of an access token (${ACCESS_TOKEN_NAMES.join(', ')}),`,
  `or two of ${names(ACCESS_MEMBERS)}; one is enough where typ is ${ACCESS_TYP} alone (docs/providers.md)`,
].join(' ')

/** What to do where something else is to be waived than such a claim outweighs. */
export const NOT_WAIVED = `needs a mark that names the kind: ${names(KIND_CLAIMS)}`
