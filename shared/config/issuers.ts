// Checks of `issuers`: whose tokens, for which audience, verified with which keys. RFC 8414, RFC 9068.

import { MAX_KEYS } from '../keys/key-endpoint.ts'
import { findKeyProblem } from '../keys/key-set.ts'
import { ALGORITHMS, isSignatureAlgorithm, type SignatureAlgorithm } from '../token/algorithms.ts'
import { PROFILES, type ProfileName } from '../token/profiles.ts'
import {
  bagAt,
  checkOneOf,
  checkSeconds,
  checkTexts,
  checkUrl,
  isBag,
  list,
  type Bag,
  type Report,
} from './checks.ts'
import { DEFAULTS, type KeySource, type ResolvedIssuer } from './config.ts'
import { checkOpaque, checkProvider } from './opaque-checks.ts'
import type { SecretSurroundings } from './secrets.ts'

function checkKeySource(
  value: unknown,
  algorithms: ReadonlySet<SignatureAlgorithm>,
  path: string,
  report: Report,
): KeySource {
  const source = bagAt(value, path, report, ['discovery', 'jwks_uri', 'jwks'])
  const given = Object.keys(source).filter((name) => source[name] !== undefined)
  if (isBag(value) && given.length !== 1)
    report(path, 'must have exactly one of discovery, jwks_uri and jwks')
  if (source['discovery'] !== undefined) {
    const documents = ['openid-configuration', 'oauth-authorization-server'] as const
    return { discovery: checkOneOf(source['discovery'], `${path}.discovery`, documents, report) }
  }
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
  'algorithms',
  'clockToleranceSeconds',
  'maxLifetimeSeconds',
  'introspection',
  'check',
  'prefix',
  'userinfo',
]

/** Settings that say how JWTs are verified, and so mean nothing where none are. */
const KEYED_MEMBERS = ['profile', 'algorithms', 'maxLifetimeSeconds']

/** Of an issuer that publishes no keys. */
const NO_KEYS: KeySource = { jwks: { keys: [] } }

/** An issuer is known by its keys, by asking it, or by a provider's check: what does not go together is named. */
function checkKind(given: Bag, path: string, report: Report): void {
  const { check, keys, introspection } = given
  if (check !== undefined) {
    for (const name of ['audience', 'introspection', 'keys'])
      if (given[name] !== undefined) report(`${path}.${name}`, 'does not go with check')
  } else if (keys === undefined && introspection === undefined)
    report(`${path}.keys`, 'is missing, and so are introspection and check: one of them reads the tokens')
  for (const name of keys === undefined ? KEYED_MEMBERS : [])
    if (given[name] !== undefined) report(`${path}.${name}`, 'is about JWTs, and needs keys')
}

function checkIssuer(
  name: string,
  value: unknown,
  surroundings: SecretSurroundings,
  report: Report,
): ResolvedIssuer {
  const path = `issuers.${name}`
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    report(path, 'must be named with 1 to 32 of a-z, 0-9 and "-", a letter first')
  const given = bagAt(value, path, report, ISSUER_MEMBERS)
  checkKind(given, path, report)
  const provider =
    given['check'] === undefined ? null : checkProvider(given['check'], `${path}.check`, surroundings, report)
  const issuer = checkUrl(given['issuer'] ?? provider?.reader.baseUrl, `${path}.issuer`, report)
  if (issuer.includes('?')) report(`${path}.issuer`, 'must not have a query (RFC 8414 section 2)')
  const audience = typeof given['audience'] === 'string' ? [given['audience']] : given['audience']
  const audiences = provider?.apps ?? checkTexts(audience, `${path}.audience`, report)
  if (audiences.includes(issuer))
    report(`${path}.audience`, 'is the issuer itself, which is the audience of no API')
  const algorithms =
    given['algorithms'] === undefined
      ? DEFAULTS.algorithms
      : checkTexts(given['algorithms'], `${path}.algorithms`, report)
  for (const algorithm of algorithms) {
    if (!isSignatureAlgorithm(algorithm)) {
      report(
        `${path}.algorithms`,
        `has ${JSON.stringify(algorithm)}; known: ${list(Object.keys(ALGORITHMS))}`,
      )
    }
  }
  const keyed = given['keys'] !== undefined
  const allowed = new Set(algorithms.filter(isSignatureAlgorithm))
  return {
    name,
    issuer,
    audiences: new Set(audiences),
    profile: keyed
      ? checkOneOf(given['profile'], `${path}.profile`, Object.keys(PROFILES) as ProfileName[], report)
      : 'rfc9068',
    keys: keyed ? checkKeySource(given['keys'], allowed, `${path}.keys`, report) : NO_KEYS,
    algorithms: allowed,
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
      DEFAULTS.maxLifetimeSeconds,
      31_622_400,
      report,
    ),
    opaque: checkOpaque(given, path, provider?.reader ?? null, surroundings, report),
  }
}

/** Every issuer, by its exact `iss`. */
export function checkIssuers(
  value: unknown,
  surroundings: SecretSurroundings,
  report: Report,
): ReadonlyMap<string, ResolvedIssuer> {
  const given = Object.entries(bagAt(value, 'issuers', report))
  if (isBag(value) && given.length === 0) report('issuers', 'must have at least one issuer')
  const issuers = given.map(([name, issuer]) => checkIssuer(name, issuer, surroundings, report))
  for (const [index, issuer] of issuers.entries()) {
    const earlier = issuers
      .slice(0, index)
      .find((other) => other.issuer !== '' && other.issuer === issuer.issuer)
    if (earlier !== undefined)
      report(`issuers.${issuer.name}.issuer`, `is the same as issuers.${earlier.name}.issuer`)
  }
  return new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
}
