// Checks of `issuers`: whose tokens, for which audience, verified with which keys. RFC 8414, RFC 9068.

import { findKeyProblem } from '../keys/key-set.ts'
import { ALGORITHMS, isSignatureAlgorithm, type SignatureAlgorithm } from '../token/algorithms.ts'
import { MAX_KEYS, metadataUrl } from '../keys/key-endpoint.ts'
import { isSecureUrl } from '../secure-url.ts'
import type { Profile } from '../token/profiles/profile.ts'
import {
  bagAt,
  checkOneOf,
  checkSeconds,
  checkTexts,
  checkUrl,
  isBag,
  isText,
  list,
  type Bag,
  type Report,
} from './checks.ts'
import { DEFAULTS, type ResolvedIssuer, type ResolvedKeySource } from './config.ts'
import { checkPrincipal, checkProfile, checkScopes } from './profile.ts'
import { checkTenants, TENANT, type Tenants } from './tenants.ts'

/** Metadata at its place below the issuer, or where `url` says; and the `issuer` that it has to name. */
function checkDiscovery(source: Bag, issuer: string, path: string, report: Report): ResolvedKeySource {
  const documents = ['openid-configuration', 'oauth-authorization-server'] as const
  const discovery = checkOneOf(source['discovery'], `${path}.discovery`, documents, report)
  const { url, metadataIssuer = issuer } = source
  if (!isText(metadataIssuer)) report(`${path}.metadataIssuer`, 'must be a non-empty string')
  if (url === undefined && issuer.includes(TENANT))
    report(
      `${path}.url`,
      'is missing; where issuer has a {tenantid}, the address of the metadata must be given',
    )
  if (url === undefined && metadataIssuer !== issuer)
    report(`${path}.url`, 'is missing; metadata of another issuer is not below this one')
  const derived = URL.canParse(issuer) ? metadataUrl(issuer, discovery) : ''
  if (url === undefined && URL.canParse(derived) && !isSecureUrl(new URL(derived)))
    report(`${path}.url`, 'is missing; metadata below this issuer would not be fetched with https')
  return {
    discovery,
    url: url === undefined ? derived : checkUrl(url, `${path}.url`, report),
    metadataIssuer: String(metadataIssuer),
  }
}

const KEY_SOURCES = ['discovery', 'jwks_uri', 'jwks']

function checkKeySource(
  value: unknown,
  issuer: string,
  algorithms: ReadonlySet<SignatureAlgorithm>,
  path: string,
  report: Report,
): ResolvedKeySource {
  const source = bagAt(value, path, report, [...KEY_SOURCES, 'url', 'metadataIssuer'])
  const given = KEY_SOURCES.filter((name) => source[name] !== undefined)
  if (isBag(value) && given.length !== 1)
    report(path, 'must have exactly one of discovery, jwks_uri and jwks')
  for (const name of ['url', 'metadataIssuer']) {
    if (source[name] !== undefined && source['discovery'] === undefined)
      report(`${path}.${name}`, 'belongs to discovery')
  }
  if (source['discovery'] !== undefined) return checkDiscovery(source, issuer, path, report)
  if (source['jwks'] !== undefined) {
    const keys = bagAt(source['jwks'], `${path}.jwks`, report, ['keys'])['keys']
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > MAX_KEYS) {
      report(`${path}.jwks.keys`, `must be a list of 1 to ${MAX_KEYS} JSON Web Keys`)
      return { jwks: { keys: [] } }
    }
    for (const [index, key] of keys.entries()) {
      const problem = findKeyProblem(key, algorithms)
      if (problem !== null) report(`${path}.jwks.keys[${index}]`, `cannot be used: ${problem}`)
      const same = (other: unknown) =>
        isBag(key) && isBag(other) && key['kid'] !== undefined && key['kid'] === other['kid']
      if (keys.slice(0, index).some(same)) {
        report(`${path}.jwks.keys[${index}].kid`, 'is the kid of an earlier key')
      }
    }
    return { jwks: { keys } }
  }
  return {
    jwks_uri:
      source['jwks_uri'] === undefined ? '' : checkUrl(source['jwks_uri'], `${path}.jwks_uri`, report),
  }
}

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
]

/** `/oauth2/{server}` as a pattern for how an issuer has to end: `{name}` is one segment. */
const endingPattern = (ending: string): RegExp =>
  new RegExp(`${ending.replace(/[.+]/g, '\\$&').replace(/\{[a-z]+\}/g, '[^/]+')}$`)

function checkIss(value: unknown, profile: Profile, path: string, report: Report): string {
  // AD FS names its access tokens' issuer with http; nothing is ever fetched from there.
  const isIdentifierAlone = profile.idTokensHaveMetadataIssuer === true && isText(value)
  const issuer = isIdentifierAlone ? value : checkUrl(value, path, report)
  if (isIdentifierAlone) checkUrl(value.replace(/^http:/, 'https:'), path, report)
  if (issuer.includes('?')) report(path, 'must not have a query (RFC 8414 section 2)')
  const { issuerEnding, name } = profile
  if (issuer !== '' && issuerEnding !== undefined && !endingPattern(issuerEnding).test(issuer))
    report(path, `must end with ${issuerEnding}, as the iss of every access token of ${name} does`)
  return issuer
}

function checkAudience(given: Bag, issuer: string, profile: Profile, path: string, report: Report) {
  const { audience } = given
  const clients =
    given['clients'] === undefined ? null : new Set(checkTexts(given['clients'], `${path}.clients`, report))
  if (audience === undefined && profile.audience === 'clients') {
    if (clients === null)
      report(
        `${path}.clients`,
        `is missing; tokens of ${profile.name} name no audience, so their clients have to be listed`,
      )
    return { audiences: new Set<string>(), clients }
  }
  const texts = checkTexts(typeof audience === 'string' ? [audience] : audience, `${path}.audience`, report)
  if (texts.includes(issuer))
    report(`${path}.audience`, 'is the issuer itself, which is the audience of no API')
  const idle = texts.find((text) => profile.idleAudiences.includes(text))
  if (idle !== undefined)
    report(
      `${path}.audience`,
      `has ${JSON.stringify(idle)}, which says nothing about this API in a token of ${profile.name}`,
    )
  return { audiences: new Set(texts), clients }
}

function checkAlgorithms(value: unknown, path: string, report: Report): ReadonlySet<SignatureAlgorithm> {
  const algorithms = value === undefined ? DEFAULTS.algorithms : checkTexts(value, path, report)
  for (const algorithm of algorithms) {
    if (!isSignatureAlgorithm(algorithm))
      report(path, `has ${JSON.stringify(algorithm)}; known: ${list(Object.keys(ALGORITHMS))}`)
  }
  return new Set(algorithms.filter(isSignatureAlgorithm))
}

/** Every `iss` of one entry: one, or one for each tenant, and the one of ID tokens where that is another. */
function spread(
  base: Omit<ResolvedIssuer, 'label' | 'issuer' | 'tenant' | 'keyOwner'>,
  tenants: readonly Tenants[],
): ResolvedIssuer[] {
  const issuers = tenants.map((tenant) => ({ ...base, ...tenant }))
  const { profile, keys } = base
  if (profile.idTokensHaveMetadataIssuer !== true || keys.discovery === undefined || issuers[0] === undefined)
    return issuers
  if (keys.metadataIssuer === issuers[0].issuer) return issuers
  const everything = { in: 'claims', name: 'iss', source: profile.source } as const
  const idTokens = { ...profile, foreign: [{ kind: 'id_token', mark: everything } as const] }
  return [...issuers, { ...issuers[0], issuer: keys.metadataIssuer, profile: idTokens }]
}

function checkIssuer(name: string, value: unknown, report: Report): ResolvedIssuer[] {
  const path = `issuers.${name}`
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    report(path, 'must be named with 1 to 32 of a-z, 0-9 and "-", a letter first')
  const given = bagAt(value, path, report, ISSUER_MEMBERS)
  const named = checkProfile(given['profile'], `${path}.profile`, report)
  const issuer = checkIss(given['issuer'], named, `${path}.issuer`, report)
  const audience = checkAudience(given, issuer, named, path, report)
  const { profile, scopes } = checkScopes(named, given, path, report)
  const algorithms = checkAlgorithms(given['algorithms'], `${path}.algorithms`, report)
  const keys = checkKeySource(given['keys'], issuer, algorithms, `${path}.keys`, report)
  const tenants = checkTenants({ name, issuer, profile, given, path }, report)
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
        report,
      ),
      keys,
      algorithms,
      clockToleranceSeconds: checkSeconds(
        given['clockToleranceSeconds'],
        `${path}.clockToleranceSeconds`,
        DEFAULTS.clockToleranceSeconds,
        300,
        report,
      ),
      maxLifetimeSeconds: checkSeconds(
        given['maxLifetimeSeconds'],
        `${path}.maxLifetimeSeconds`,
        profile.maxLifetimeSeconds,
        31_622_400,
        report,
      ),
    },
    tenants,
  )
}

/** Every issuer, by its exact `iss`. */
export function checkIssuers(value: unknown, report: Report): ReadonlyMap<string, ResolvedIssuer> {
  const given = Object.entries(bagAt(value, 'issuers', report))
  if (isBag(value) && given.length === 0) report('issuers', 'must have at least one issuer')
  const issuers = given.flatMap(([name, issuer]) => checkIssuer(name, issuer, report))
  for (const [index, issuer] of issuers.entries()) {
    const earlier = issuers
      .slice(0, index)
      .find((other) => other.issuer !== '' && other.issuer === issuer.issuer)
    if (earlier !== undefined)
      report(`issuers.${issuer.name}.issuer`, `is the same as issuers.${earlier.name}.issuer`)
  }
  return new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
}
