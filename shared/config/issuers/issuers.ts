// `issuers`: every accepted `iss`, and which issuer an opaque token belongs to. Refuses two issuers with the same
// `iss`, and issuers between which an opaque token could not be assigned.

import type { ProfileHint } from '../../token/looks-like.ts'
import { PROFILES } from '../../token/profiles.ts'
import { endsAs, type Profile } from '../../token/profiles/profile.ts'
import { createShare } from '../../routes/share.ts'
import { isJsonObject, objectAt, type AddProblem } from '../checks.ts'
import type { ResolvedRoute } from '../routes.ts'
import type { SecretEnvironment } from '../secrets.ts'
import { checkIssuer, type IssuerEntry, type ResolvedIssuer } from './issuer.ts'

/** Of an `iss` that only ID tokens have: no token is sent to it. */
const NO_LOOKUPS: ResolvedIssuer['opaque'] = { reader: null, prefixes: [], userinfo: null, jwt: 'verify' }

/** The `iss` of ID tokens: that of access tokens, or the one of the metadata, or as the profile spells it. */
function idTokenIssuer({ profile, keys }: Pick<ResolvedIssuer, 'profile' | 'keys'>, issuer: string): string {
  const { idTokensHaveMetadataIssuer, issuerEnding = '', metadataIssuerEnding = issuerEnding } = profile
  if (idTokensHaveMetadataIssuer !== true) return issuer
  if (keys.source?.discovery !== undefined) return keys.source.metadataIssuer
  return `${issuer.slice(0, issuer.length - issuerEnding.length)}${metadataIssuerEnding}`.replace(
    /^http:/,
    'https:',
  )
}

/** Profiles other than the configured one that tokens with this `iss` may have. */
const profilesFor = (issuer: string, { name, evidence }: Profile): readonly ProfileHint[] =>
  Object.values<Profile>(PROFILES)
    .filter((other) => other.name !== name && other.evidence !== evidence && endsAs(issuer, other))
    .map(({ name, typ, evidence, otherKinds, waived, scopes }) => ({
      ...{ name, typ, evidence, otherKinds, waived },
      scopeClaims: scopes.standard === null ? scopes.choices.map(({ claim }) => String(claim)) : null,
    }))

/** Every `iss` of one entry: one, or one for each tenant; and the `iss` of ID tokens if it differs. */
function spread({ issuer: base, tenants }: IssuerEntry): ResolvedIssuer[] {
  const issuers = tenants.map((tenant) => ({
    ...base,
    ...tenant,
    looksLike: profilesFor(tenant.issuer, base.profile),
  }))
  const [first] = issuers
  if (first === undefined) return []
  const issuer = idTokenIssuer(base, first.issuer)
  if (issuer === first.issuer) return issuers
  const { profile } = base
  const everything = { in: 'claims', name: 'iss' } as const
  const idTokens: Profile = { ...profile, otherKinds: [{ kind: 'id_token', evidence: everything }] }
  return [...issuers, { ...first, issuer, profile: idTokens, opaque: NO_LOOKUPS }]
}

/** Every issuer, by its exact `iss`. */
export function checkIssuers(
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ReadonlyMap<string, ResolvedIssuer> {
  const given = Object.entries(objectAt(value, 'issuers', addProblem))
  if (isJsonObject(value) && given.length === 0) addProblem('issuers', 'must have at least one issuer')
  const issuers = given.flatMap(([name, issuer]) =>
    spread(checkIssuer(name, issuer, environment, addProblem)),
  )
  for (const [index, issuer] of issuers.entries()) {
    const earlier = issuers
      .slice(0, index)
      .find((other) => other.issuer !== '' && other.issuer === issuer.issuer)
    if (earlier !== undefined)
      addProblem(`issuers.${issuer.name}.issuer`, `is the same as issuers.${earlier.name}.issuer`)
  }
  const share = createShare()
  const shareLooks = createShare()
  return new Map(
    issuers.map((issuer) => {
      const audiences = share(issuer.audiences, JSON.stringify([...issuer.audiences]))
      const looksLike = shareLooks(issuer.looksLike, issuer.looksLike.map(({ name }) => name).join(' '))
      return [issuer.issuer, { ...issuer, audiences, looksLike }]
    }),
  )
}

/** No opaque token may belong to two issuers, because it would be sent to one that did not issue it. */
export function checkSelection(
  issuers: readonly ResolvedIssuer[],
  routes: readonly ResolvedRoute[],
  addProblem: AddProblem,
): void {
  const readers = issuers.filter(({ opaque }) => opaque.reader !== null)
  for (const [index, { name, opaque }] of readers.entries()) {
    for (const other of readers.slice(0, index)) {
      const clash = opaque.prefixes.find((text) =>
        other.opaque.prefixes.some((earlier) => earlier.startsWith(text) || text.startsWith(earlier)),
      )
      if (clash !== undefined)
        addProblem(`issuers.${name}.prefix`, `has ${clash}, which overlaps issuers.${other.name}.prefix`)
    }
  }
  const open = readers.filter(({ opaque }) => opaque.prefixes.length === 0)
  for (const [index, { demand, issuer }] of routes.entries()) {
    if (issuer !== null && !issuers.some(({ name }) => name === issuer))
      addProblem(`routes[${index}].issuer`, `names ${issuer}, which is not among the issuers`)
    if (issuer === null && demand !== null && open.length > 1) {
      const names = open.map(({ name }) => name).join(' and ')
      addProblem(
        `routes[${index}].issuer`,
        `is needed: an opaque token could be of ${names}; name one here, or give all but one a prefix`,
      )
    }
  }
}
