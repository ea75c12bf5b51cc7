// What is derived from the values of issuers: every accepted `iss` with its audiences, clients and URLs. Refuses two
// issuers with the same `iss`. The structure of an issuer (its profile, algorithms and lookups) does not depend on
// values: config/issuers checks it.

import type { ResolvedIssuer } from '../../config/config.ts'
import { createShare } from '../../routes/share.ts'
import type { ProfileHint } from '../../token/looks-like.ts'
import { endsAs, type Profile } from '../../token/profiles/profile.ts'
import { isJsonObject, type JsonObject } from '../../token/strict-json.ts'
import type { AddProblem } from './checks.ts'
import { checkAudience, checkIss } from './identifiers.ts'
import { deriveKeySource } from './key-source.ts'
import { deriveReader, deriveUserinfo } from './lookups.ts'
import { checkTenants } from './tenants.ts'

/** A profile that tokens of an issuer may have, and the ending of every `iss` of that profile. */
export interface HintCandidate {
  readonly issuerEnding?: string | undefined
  readonly hint: ProfileHint
}

/** An issuer before its values are known. */
export interface IssuerTemplate {
  /** The settings of OPEN_SETTINGS as they are written, at the places where they are written. */
  readonly given: JsonObject
  /** What depends on no value. The members of values are empty. */
  readonly structure: Omit<
    ResolvedIssuer,
    'label' | 'issuer' | 'tenant' | 'keyOwner' | 'audiences' | 'clients' | 'looksLike'
  > & { readonly profile: Profile }
  /** The profiles other than the configured one. */
  readonly candidates: readonly HintCandidate[]
}

/** Of an `iss` that only ID tokens have: no token is sent to it. */
const NO_LOOKUPS: ResolvedIssuer['opaque'] = { reader: null, prefixes: [], userinfo: null, jwt: 'verify' }

/** The `iss` of ID tokens: that of access tokens, or the one of the metadata, or as the profile spells it. */
function idTokenIssuer(
  { profile, keys }: Pick<IssuerTemplate['structure'], 'profile' | 'keys'>,
  issuer: string,
): string {
  const { idTokensHaveMetadataIssuer, issuerEnding = '', metadataIssuerEnding = issuerEnding } = profile
  if (idTokensHaveMetadataIssuer !== true) return issuer
  if (keys.source?.discovery !== undefined) return keys.source.metadataIssuer
  return `${issuer.slice(0, issuer.length - issuerEnding.length)}${metadataIssuerEnding}`.replace(
    /^http:/,
    'https:',
  )
}

function deriveKeys(
  keys: ResolvedIssuer['keys'],
  { keys: given }: JsonObject,
  issuer: string,
  path: string,
  addProblem: AddProblem,
): ResolvedIssuer['keys'] {
  if (keys.source === undefined) return keys
  const settings = isJsonObject(given) ? given : {}
  return { ...keys, source: deriveKeySource(keys.source, settings, issuer, `${path}.keys`, addProblem) }
}

/** Every `iss` of one entry: one, or one for each tenant; and the `iss` of ID tokens if it differs. */
export function deriveIssuer(
  { given, structure, candidates }: IssuerTemplate,
  addProblem: AddProblem,
): readonly ResolvedIssuer[] {
  const { name, profile, keys, opaque } = structure
  const path = `issuers.${name}`
  const derived = opaque.reader === null ? null : deriveReader(opaque.reader, given, path, addProblem)
  const check = derived?.reader.kind === 'check' ? derived.reader : null
  const iss = checkIss(given['issuer'] ?? check?.baseUrl, profile, `${path}.issuer`, addProblem)
  const audience =
    check === null
      ? checkAudience(given, iss, profile, path, addProblem)
      : { audiences: new Set(derived?.apps), clients: null }
  const userinfo = opaque.userinfo === null ? null : deriveUserinfo(opaque.userinfo, given, path, addProblem)
  const base = {
    ...structure,
    ...audience,
    keys: deriveKeys(keys, given, iss, path, addProblem),
    opaque: { ...opaque, reader: derived?.reader ?? null, userinfo },
  }
  const issuers: readonly ResolvedIssuer[] = checkTenants(
    { name, issuer: iss, profile, given, path },
    addProblem,
  ).map((tenant) => ({
    ...base,
    ...tenant,
    looksLike: candidates.filter((other) => endsAs(tenant.issuer, other)).map(({ hint }) => hint),
  }))
  const [first] = issuers
  if (first === undefined) return []
  const issuer = idTokenIssuer(base, first.issuer)
  if (issuer === first.issuer) return issuers
  const everything = { in: 'claims', name: 'iss' } as const
  const idTokens: Profile = { ...profile, otherKinds: [{ kind: 'id_token', evidence: everything }] }
  return [...issuers, { ...first, issuer, profile: idTokens, opaque: NO_LOOKUPS }]
}

/** Issuers by their exact `iss`, each of which may be there once. */
export function toIssuerMap(
  issuers: readonly ResolvedIssuer[],
  addProblem: AddProblem,
): ReadonlyMap<string, ResolvedIssuer> {
  const names = new Map<string, string>()
  for (const { name, issuer } of issuers) {
    const earlier = names.get(issuer)
    if (earlier !== undefined)
      addProblem(`issuers.${name}.issuer`, `is the same as issuers.${earlier}.issuer`)
    else if (issuer !== '') names.set(issuer, name)
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
