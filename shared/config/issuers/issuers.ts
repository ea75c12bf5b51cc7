// Checks of `issuers`: whose tokens, for which audience, verified with which keys. RFC 8414, RFC 9068.

import { PROFILES } from '../../token/profiles.ts'
import { endsAs, type Profile } from '../../token/profiles/profile.ts'
import {
  objectAt,
  checkSeconds,
  checkStrings,
  checkUrl,
  isJsonObject,
  isNonEmptyString,
  type JsonObject,
  type AddProblem,
} from '../checks.ts'
import { DEFAULTS, type ResolvedIssuer } from '../config.ts'
import { kindMarks } from './decisive-marks.ts'
import { checkKeys, hasSharedSecret } from './keys.ts'
import { checkOpaque, checkProvider } from './token-reader.ts'
import { checkPrincipal, checkProfile, checkScopes, type PickedScopes } from './profile.ts'
import { createShare } from '../../routes/share.ts'
import type { SecretEnvironment } from '../secrets.ts'
import { checkTenants, type Tenants } from './tenants.ts'

const ISSUER_MEMBERS = [
  'issuer',
  'audience',
  'profile',
  'keys',
  'clients',
  'scopes',
  'clientScopes',
  'tenants',
  'keyIssuer',
  'principal',
  'algorithms',
  'clockToleranceSeconds',
  'maxLifetimeSeconds',
  'introspection',
  'check',
  'prefix',
  'userinfo',
]

/** Settings that say how JWTs are verified, and so mean nothing where none are. */
const KEYED_MEMBERS = ['profile', 'algorithms', 'clients', 'scopes', 'clientScopes', 'tenants', 'keyIssuer']

/** An issuer is known by its keys, by asking it, or by a provider's check: what does not go together is named. */
function checkKind(given: JsonObject, path: string, addProblem: AddProblem): void {
  const { check, keys, introspection } = given
  if (check !== undefined) {
    for (const name of ['audience', 'introspection', 'keys'])
      if (given[name] !== undefined) addProblem(`${path}.${name}`, 'does not go with check')
  } else if (keys === undefined && introspection === undefined)
    addProblem(`${path}.keys`, 'is missing, and so are introspection and check: one of them reads the tokens')
  for (const name of given['tenants'] === undefined ? [] : ['introspection', 'prefix'])
    if (given[name] !== undefined) addProblem(`${path}.${name}`, 'does not go with tenants')
  for (const name of keys === undefined ? KEYED_MEMBERS : [])
    if (given[name] !== undefined) addProblem(`${path}.${name}`, 'is about JWTs, and needs keys')
  if (keys === undefined && introspection === undefined && given['maxLifetimeSeconds'] !== undefined)
    addProblem(`${path}.maxLifetimeSeconds`, 'needs keys or introspection')
  for (const name of hasSharedSecret(keys) ? ['tenants', 'keyIssuer'] : [])
    if (given[name] !== undefined) addProblem(`${path}.${name}`, 'does not go with a shared secret')
}

function checkIss(value: unknown, profile: Profile, path: string, addProblem: AddProblem): string {
  // AD FS names its access tokens' issuer with http; nothing is ever fetched from there.
  const isIdentifierAlone = profile.idTokensHaveMetadataIssuer === true && isNonEmptyString(value)
  const issuer = isIdentifierAlone ? value : checkUrl(value, path, addProblem)
  if (isIdentifierAlone) checkUrl(value.replace(/^http:/, 'https:'), path, addProblem)
  if (issuer.includes('?')) addProblem(path, 'must not have a query (RFC 8414 section 2)')
  const { issuerEnding, name } = profile
  if (issuer !== '' && !endsAs(issuer, profile))
    addProblem(path, `must end with ${issuerEnding}, as the iss of every access token of ${name} does`)
  return issuer
}

function checkAudience(
  given: JsonObject,
  issuer: string,
  profile: Profile,
  path: string,
  addProblem: AddProblem,
) {
  const { audience } = given
  const clients =
    given['clients'] === undefined
      ? null
      : new Set(checkStrings(given['clients'], `${path}.clients`, addProblem))
  if (audience === undefined && profile.audience === 'clients') {
    if (clients === null)
      addProblem(
        `${path}.clients`,
        `is missing; tokens of ${profile.name} name no audience, so their clients have to be listed`,
      )
    return { audiences: new Set<string>(), clients }
  }
  const texts = checkStrings(
    typeof audience === 'string' ? [audience] : audience,
    `${path}.audience`,
    addProblem,
  )
  if (texts.includes(issuer))
    addProblem(`${path}.audience`, 'is the issuer itself, which is the audience of no API')
  const idle = texts.find((text) => profile.idleAudiences.includes(text))
  if (idle !== undefined)
    addProblem(
      `${path}.audience`,
      `has ${JSON.stringify(idle)}, which says nothing about this API in a token of ${profile.name}`,
    )
  return { audiences: new Set(texts), clients }
}

/** `/userinfo` says who somebody is: where scopes or the client stand, it has nothing to say. */
function checkUserinfoClaim(
  { claim }: { readonly claim?: string },
  { profile, scopes }: PickedScopes,
  path: string,
  addProblem: AddProblem,
): void {
  const places = [scopes.user, scopes.client].map(({ claim: place }) => [place].flat()[0])
  if (claim !== undefined && ['scope', 'client_id', profile.client, ...places].includes(claim))
    addProblem(
      `${path}.userinfo.claim`,
      `cannot be ${claim}, which says what somebody may do, or for which client`,
    )
}

/** Of an `iss` that only ID tokens have. */
const NOT_ASKED: ResolvedIssuer['opaque'] = { reader: null, prefixes: [], userinfo: null, jwt: 'verify' }

/** The `iss` of ID tokens where it is not that of access tokens: as the metadata says, or as the provider spells it. */
function idTokenIssuer({ profile, keys }: Pick<ResolvedIssuer, 'profile' | 'keys'>, issuer: string): string {
  const { idTokensHaveMetadataIssuer, issuerEnding = '', metadataIssuerEnding = issuerEnding } = profile
  if (idTokensHaveMetadataIssuer !== true) return issuer
  if (keys.source?.discovery !== undefined) return keys.source.metadataIssuer
  return `${issuer.slice(0, issuer.length - issuerEnding.length)}${metadataIssuerEnding}`.replace(
    /^http:/,
    'https:',
  )
}

/** As `profile` is for JWTs, so are the marks of an introspection: where they name the kind, a `nonce` says nothing. */
function introspectedProfile({ reader }: ResolvedIssuer['opaque'], profile: Profile): Profile {
  const marks = reader?.kind === 'introspection' ? kindMarks(reader.marks) : []
  if (marks.length === 0) return profile
  const waived = [{ mark: 'nonce', source: 'configuration' }]
  return { ...profile, marks: marks.map((mark) => [mark]), waived }
}

/** Every `iss` of one entry: one, or one for each tenant, and the one of ID tokens where that is another. */
function spread(
  base: Omit<ResolvedIssuer, 'label' | 'issuer' | 'tenant' | 'keyOwner'>,
  tenants: readonly Tenants[],
): ResolvedIssuer[] {
  const issuers = tenants.map((tenant) => ({ ...base, ...tenant }))
  const [first] = issuers
  if (first === undefined) return []
  const issuer = idTokenIssuer(base, first.issuer)
  if (issuer === first.issuer) return issuers
  const { profile } = base
  const everything = { in: 'claims', name: 'iss', source: profile.source } as const
  const idTokens = { ...profile, foreign: [{ kind: 'id_token', mark: everything } as const] }
  return [...issuers, { ...first, issuer, profile: idTokens, opaque: NOT_ASKED }]
}

function checkIssuer(
  name: string,
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedIssuer[] {
  const path = `issuers.${name}`
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    addProblem(path, 'must be named with 1 to 32 of a-z, 0-9 and "-", a letter first')
  const given = objectAt(value, path, addProblem, ISSUER_MEMBERS)
  checkKind(given, path, addProblem)
  const provider =
    given['check'] === undefined
      ? null
      : checkProvider(given['check'], `${path}.check`, environment, addProblem)
  const keyed = given['keys'] !== undefined
  const named = keyed ? checkProfile(given['profile'], `${path}.profile`, addProblem) : PROFILES.rfc9068
  const issuer = checkIss(given['issuer'] ?? provider?.reader.baseUrl, named, `${path}.issuer`, addProblem)
  const audience =
    provider === null
      ? checkAudience(given, issuer, named, path, addProblem)
      : { audiences: new Set(provider.apps), clients: null }
  const { profile: described, scopes } = checkScopes(named, given, path, addProblem)
  const opaque = checkOpaque(given, path, provider?.reader ?? null, environment, addProblem)
  const profile = keyed ? described : introspectedProfile(opaque, described)
  checkUserinfoClaim(opaque.userinfo ?? {}, { profile, scopes }, path, addProblem)
  const keysGiven = { keys: given['keys'], algorithms: given['algorithms'], issuer }
  const keys = checkKeys(keysGiven, path, environment, addProblem)
  const tenants = checkTenants({ name, issuer, profile, given, path }, addProblem)
  return spread(
    {
      name,
      ...audience,
      profile,
      scopes,
      principal: checkPrincipal(
        given['principal'],
        profile,
        given['tenants'] !== undefined,
        `${path}.principal`,
        addProblem,
      ),
      keys,
      clockToleranceSeconds: checkSeconds(
        given['clockToleranceSeconds'],
        `${path}.clockToleranceSeconds`,
        DEFAULTS.clockToleranceSeconds,
        300,
        addProblem,
      ),
      maxLifetimeSeconds: checkSeconds(
        given['maxLifetimeSeconds'],
        `${path}.maxLifetimeSeconds`,
        profile.maxLifetimeSeconds,
        31_622_400,
        addProblem,
      ),
      opaque,
    },
    tenants,
  )
}

/** Every issuer, by its exact `iss`. */
export function checkIssuers(
  value: unknown,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ReadonlyMap<string, ResolvedIssuer> {
  const given = Object.entries(objectAt(value, 'issuers', addProblem))
  if (isJsonObject(value) && given.length === 0) addProblem('issuers', 'must have at least one issuer')
  const issuers = given.flatMap(([name, issuer]) => checkIssuer(name, issuer, environment, addProblem))
  for (const [index, issuer] of issuers.entries()) {
    const earlier = issuers
      .slice(0, index)
      .find((other) => other.issuer !== '' && other.issuer === issuer.issuer)
    if (earlier !== undefined)
      addProblem(`issuers.${issuer.name}.issuer`, `is the same as issuers.${earlier.name}.issuer`)
  }
  const share = createShare()
  return new Map(
    issuers.map((issuer) => {
      const audiences = share(issuer.audiences, JSON.stringify([...issuer.audiences]))
      return [issuer.issuer, { ...issuer, audiences }]
    }),
  )
}
