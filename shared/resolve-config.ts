// From what an operator wrote to a configuration that can be relied on: picks the stage, fills in defaults
// and checks everything. It never repairs and never stops at the first problem: one ConfigError lists them
// all, each with its path and what to change. Unknown members are problems, because a typing mistake in a
// security setting must not pass for its absence.

import {
  DEFAULTS,
  type KeySource,
  type LanekeeperConfig,
  type ResolvedConfig,
  type ResolvedIssuer,
  type ResolvedOrigin,
  type ResolvedRoute,
} from './config.ts'
import { findKeyProblem, MAX_KEYS } from './keys/key-set.ts'
import { isGreedy, isParameter, WEBSOCKET_CONNECT } from './routes/route-table.ts'
import { findTargetProblem, upperCaseEscapes } from './routes/target.ts'
import { ALGORITHMS, isSignatureAlgorithm, type SignatureAlgorithm } from './token/algorithms.ts'
import { PROFILES, type ProfileName } from './token/profiles.ts'
import { isScopeToken } from './token/scope.ts'

export interface ConfigProblem {
  /** Where, as it would be written in code: `issuers.main.audience`. */
  readonly path: string
  readonly message: string
}

/** A configuration that cannot be used. Thrown at start-up, never while a request is answered. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    super(
      [
        `The Lanekeeper configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
        ...problems.map((problem) => `  ${problem.path}: ${problem.message}`),
      ].join('\n'),
    )
    this.problems = problems
  }
}

/** Where the configuration is running. */
export interface Surroundings {
  /** Name of the stage, from `LANEKEEPER_STAGE`. Absent or empty: the configuration as it stands. */
  readonly stage?: string | undefined
  /** Values for `${env:NAME}`. Only strings are used. */
  readonly env?: Readonly<Record<string, unknown>>
}

type Bag = Readonly<Record<string, unknown>>
type Report = (path: string, message: string) => void

const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string' && value.length > 0
const list = (names: Iterable<string>) => [...names].join(', ')

function bagAt(value: unknown, path: string, report: Report, known?: readonly string[]): Bag {
  if (!isBag(value)) {
    report(path, value === undefined ? 'is missing' : 'must be an object')
    return {}
  }
  for (const name of known === undefined ? [] : Object.keys(value)) {
    if (!known!.includes(name)) report(`${path}.${name}`, `is not a setting; known here: ${list(known!)}`)
  }
  return value
}

/** Replaces `${env:NAME}` in every string below `value`. */
function substitute(value: unknown, env: Bag, path: string, report: Report): unknown {
  if (typeof value === 'string') {
    return value.replace(/\$\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, name: string) => {
      const found = env[name]
      if (isText(found)) return found
      report(path, `needs the environment variable ${name}, which is not set`)
      return whole
    })
  }
  if (Array.isArray(value))
    return value.map((item, index) => substitute(item, env, `${path}[${index}]`, report))
  if (!isBag(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      substitute(item, env, path === '' ? name : `${path}.${name}`, report),
    ]),
  )
}

/** Lays the stage over the configuration: issuers member by member, origin and aws whole. */
function applyStage(config: Bag, stage: string | undefined, report: Report): Bag {
  const { stages: stagesGiven, ...base } = config
  const stages = stagesGiven === undefined ? {} : bagAt(stagesGiven, 'stages', report)
  for (const [name, overrides] of Object.entries(stages)) {
    bagAt(overrides, `stages.${name}`, report, ['issuers', 'origin', 'aws'])
  }
  if (stage === undefined || stage === '') return base
  if (!Object.hasOwn(stages, stage)) {
    report(
      'stages',
      `has no stage "${stage}" (LANEKEEPER_STAGE); it has: ${list(Object.keys(stages)) || 'none'}`,
    )
    return base
  }
  const { issuers: overrides, ...rest } = isBag(stages[stage]) ? stages[stage] : {}
  if (overrides === undefined) return { ...base, ...rest }
  const issuers = { ...(isBag(base['issuers']) ? base['issuers'] : {}) }
  for (const [name, members] of Object.entries(bagAt(overrides, `stages.${stage}.issuers`, report))) {
    if (!Object.hasOwn(issuers, name)) {
      report(
        `stages.${stage}.issuers.${name}`,
        `overrides an issuer that is not configured; there is: ${list(Object.keys(issuers))}`,
      )
    }
    issuers[name] = { ...(isBag(issuers[name]) ? issuers[name] : {}), ...(isBag(members) ? members : {}) }
  }
  return { ...base, ...rest, issuers }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

function checkUrl(value: unknown, path: string, report: Report): string {
  if (!isText(value)) {
    report(path, value === undefined ? 'is missing' : 'must be a URL')
    return ''
  }
  if (value.includes('${env:')) return '' // reported by substitute()
  if (!URL.canParse(value)) {
    report(path, 'is not an absolute URL')
    return value
  }
  const url = new URL(value)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname))) {
    report(path, 'must use https (http is for loopback only)')
  }
  if (url.username !== '' || url.password !== '') report(path, 'must not carry a user name or password')
  if (url.hash !== '' || value.endsWith('#')) report(path, 'must not have a fragment')
  return value
}

function checkSeconds(value: unknown, path: string, fallback: number, most: number, report: Report): number {
  if (value === undefined) return fallback
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0 && value <= most) return value
  report(path, `must be a number of seconds from 0 to ${most}`)
  return fallback
}

function checkWhole(
  value: unknown,
  path: string,
  fallback: number,
  least: number,
  most: number,
  report: Report,
): number {
  if (value === undefined) return fallback
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= most)
    return value as number
  report(path, `must be a whole number from ${least} to ${most}`)
  return fallback
}

function checkOneOf<const T extends string>(
  value: unknown,
  path: string,
  allowed: readonly T[],
  report: Report,
): T {
  if (allowed.includes(value as T)) return value as T
  report(path, `${value === undefined ? 'is missing' : 'is not known'}; one of: ${list(allowed)}`)
  return allowed[0]!
}

/** A non-empty array of texts, none of them twice. */
function checkTexts(value: unknown, path: string, report: Report): string[] {
  if (!Array.isArray(value) || value.length === 0 || !value.every(isText)) {
    report(path, value === undefined ? 'is missing' : 'must be a list of at least one non-empty string')
    return []
  }
  const repeated = value.find((item, index) => value.indexOf(item) !== index)
  if (repeated !== undefined) report(path, `lists ${JSON.stringify(repeated)} twice`)
  return value
}

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
]

function checkIssuer(name: string, value: unknown, report: Report): ResolvedIssuer {
  const path = `issuers.${name}`
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
    report(path, 'must be named with 1 to 32 of a-z, 0-9 and "-", a letter first')
  const given = bagAt(value, path, report, ISSUER_MEMBERS)
  const issuer = checkUrl(given['issuer'], `${path}.issuer`, report)
  if (issuer.includes('?')) report(`${path}.issuer`, 'must not have a query (RFC 8414 section 2)')
  const audience = typeof given['audience'] === 'string' ? [given['audience']] : given['audience']
  const audiences = checkTexts(audience, `${path}.audience`, report)
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
  const allowed = new Set(algorithms.filter(isSignatureAlgorithm))
  return {
    name,
    issuer,
    audiences: new Set(audiences),
    profile: checkOneOf(given['profile'], `${path}.profile`, Object.keys(PROFILES) as ProfileName[], report),
    keys: checkKeySource(given['keys'], allowed, `${path}.keys`, report),
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
  }
}

function checkIssuers(value: unknown, report: Report): ReadonlyMap<string, ResolvedIssuer> {
  const given = Object.entries(bagAt(value, 'issuers', report))
  if (isBag(value) && given.length === 0) report('issuers', 'must have at least one issuer')
  const issuers = given.map(([name, issuer]) => checkIssuer(name, issuer, report))
  for (const [index, issuer] of issuers.entries()) {
    const earlier = issuers
      .slice(0, index)
      .find((other) => other.issuer !== '' && other.issuer === issuer.issuer)
    if (earlier !== undefined)
      report(`issuers.${issuer.name}.issuer`, `is the same as issuers.${earlier.name}.issuer`)
  }
  return new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
}

function checkTemplate(value: unknown, path: string, report: Report): string {
  if (!isText(value)) {
    report(path, value === undefined ? 'is missing' : 'must be a path template')
    return ''
  }
  if (value === WEBSOCKET_CONNECT) return value
  const segments = value.slice(1).split('/')
  const plain = `/${segments.map((segment) => (isParameter(segment) || isGreedy(segment) ? 'x' : segment)).join('/')}`
  if (!value.startsWith('/')) report(path, 'must begin with "/"')
  else if (/[{}]/.test(plain))
    report(path, 'has a brace that is not a whole segment; write {name} or, at the end, {name+}')
  else {
    const problem = findTargetProblem(plain, DEFAULTS.limits.maxPathBytes)
    if (problem !== null) report(path, `can never match a request: ${problem} (docs/routes.md)`)
  }
  if (segments.slice(0, -1).some(isGreedy)) report(path, 'has a greedy {name+} before its end')
  return value
}

function checkScopes(value: unknown, path: string, report: Report): readonly string[] {
  if (value === undefined) return []
  const scopes = checkTexts(value, path, report)
  for (const scope of scopes) {
    if (!isScopeToken(scope))
      report(path, `has ${JSON.stringify(scope)}, which is no scope-token (RFC 6749 section 3.3)`)
  }
  return scopes
}

function checkDemand(route: Bag, path: string, report: Report): ResolvedRoute['demand'] {
  if (route['public'] !== undefined) {
    if (route['public'] !== true)
      report(`${path}.public`, 'can only be true; leave it out for a protected route')
    if (route['scope'] !== undefined) report(`${path}.scope`, 'cannot stand on a public route')
    return null
  }
  if (route['scope'] === 'none') return { allOf: [], anyOf: [] }
  if (route['scope'] === undefined) {
    report(`${path}.scope`, "is missing; say { allOf: [...] }, { anyOf: [...] }, 'none', or public: true")
    return { allOf: [], anyOf: [] }
  }
  const scope = bagAt(route['scope'], `${path}.scope`, report, ['allOf', 'anyOf'])
  if (isBag(route['scope']) && scope['allOf'] === undefined && scope['anyOf'] === undefined) {
    report(`${path}.scope`, "demands nothing; say 'none' if that is meant")
  }
  return {
    allOf: checkScopes(scope['allOf'], `${path}.scope.allOf`, report),
    anyOf: checkScopes(scope['anyOf'], `${path}.scope.anyOf`, report),
  }
}

function checkRoutes(value: unknown, report: Report): readonly ResolvedRoute[] {
  if (!Array.isArray(value)) {
    report('routes', value === undefined ? 'is missing' : 'must be a list of rules')
    return []
  }
  if (value.length === 0) report('routes', 'has no rule, so every request would be refused')
  const taken = new Map<string, string>()
  return value.map((given: unknown, index) => {
    const path = `routes[${index}]`
    const route = bagAt(given, path, report, ['path', 'methods', 'public', 'scope'])
    const template = checkTemplate(route['path'], `${path}.path`, report)
    const methods = checkTexts(route['methods'], `${path}.methods`, report)
    const shape = upperCaseEscapes(template).replace(/\{[A-Za-z0-9_]+(\+?)\}/g, '{$1}')
    for (const method of methods) {
      if (!/^[A-Z][A-Z-]*$/.test(method))
        report(`${path}.methods`, `has ${JSON.stringify(method)}; methods are upper case, as in "GET"`)
      const earlier = taken.get(`${method} ${shape}`)
      if (earlier !== undefined) report(path, `covers ${method} ${template}, which ${earlier} covers already`)
      else taken.set(`${method} ${shape}`, path)
    }
    if (template === WEBSOCKET_CONNECT && list(methods) !== 'GET')
      report(`${path}.methods`, 'must be ["GET"] for $connect')
    return {
      path: template,
      methods,
      name: `${methods.join(',')} ${template}`,
      demand: checkDemand(route, path, report),
    }
  })
}

/** Names that every identity carries, so a claim cannot be passed on under them (identity.ts). */
export const IDENTITY_NAMES = ['subject', 'principal', 'client_id', 'scope', 'issuer', 'expires_at'] as const

function checkIdentity(value: unknown, report: Report): ResolvedConfig['identity'] {
  const given = value === undefined ? {} : bagAt(value, 'identity', report, ['headerPrefix', 'claims'])
  const headerPrefix = given['headerPrefix'] ?? DEFAULTS.headerPrefix
  if (typeof headerPrefix !== 'string' || !/^x-[a-z0-9]+(?:-[a-z0-9]+)*-$/.test(headerPrefix)) {
    report(
      'identity.headerPrefix',
      'must look like "x-name-": lower case, beginning with "x-" and ending with "-"',
    )
  }
  const claims = given['claims'] === undefined ? {} : bagAt(given['claims'], 'identity.claims', report)
  for (const [name, claim] of Object.entries(claims)) {
    const path = `identity.claims.${name}`
    if (!/^[a-z][a-z0-9_]*$/.test(name)) report(path, 'must be named with a-z, 0-9 and "_", a letter first')
    if ((IDENTITY_NAMES as readonly string[]).includes(name))
      report(path, 'is a name that every identity carries already')
    if (!isText(claim)) report(path, 'must be the name of a claim')
  }
  return { headerPrefix: headerPrefix as string, claims: claims as Readonly<Record<string, string>> }
}

function checkOrigin(value: unknown, report: Report): ResolvedOrigin | null {
  if (value === undefined) return null
  const given = bagAt(value, 'origin', report, ['url', 'binding', 'forwardToken'])
  const { url, binding, forwardToken = DEFAULTS.forwardToken } = given
  if (isBag(value) && (url === undefined) === (binding === undefined))
    report('origin', 'must have exactly one of url and binding')
  if (typeof forwardToken !== 'boolean') report('origin.forwardToken', 'must be true or false')
  if (binding !== undefined && !isText(binding))
    report('origin.binding', 'must be the name of a service binding')
  if (url !== undefined) {
    const text = checkUrl(url, 'origin.url', report)
    if (URL.canParse(text) && (new URL(text).pathname !== '/' || text.includes('?'))) {
      report('origin.url', 'must be an origin without path and query; requests keep their own')
    }
  }
  return {
    url: isText(url) && URL.canParse(url) ? new URL(url).origin : null,
    binding: isText(binding) ? binding : null,
    forwardToken: forwardToken === true,
  }
}

const MEMBERS = ['issuers', 'routes', 'identity', 'origin', 'aws', 'realm', 'limits', 'stages']

/**
 * Checks a configuration for one stage and completes it.
 *
 * @throws {ConfigError} naming every problem with its path.
 */
export function resolveConfig(config: LanekeeperConfig, surroundings: Surroundings = {}): ResolvedConfig {
  const problems: ConfigProblem[] = []
  const report: Report = (path, message) => void problems.push({ path, message })
  const given = bagAt(config, 'config', report, MEMBERS)
  const staged = applyStage(given, surroundings.stage, report)
  const env = surroundings.env ?? {}
  const aws = staged['aws'] === undefined ? {} : bagAt(staged['aws'], 'aws', report, ['httpApiResponse'])
  const limits =
    staged['limits'] === undefined
      ? {}
      : bagAt(staged['limits'], 'limits', report, Object.keys(DEFAULTS.limits))
  const realm = staged['realm'] ?? DEFAULTS.realm
  if (typeof realm !== 'string' || !/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(realm)) {
    report('realm', 'must be 1 to 64 printable ASCII characters without quotes and backslashes')
  }
  const resolved: ResolvedConfig = {
    issuers: checkIssuers(substitute(staged['issuers'], env, 'issuers', report), report),
    routes: checkRoutes(staged['routes'], report),
    identity: checkIdentity(staged['identity'], report),
    origin: checkOrigin(substitute(staged['origin'], env, 'origin', report), report),
    aws: {
      httpApiResponse: checkOneOf(
        aws['httpApiResponse'] ?? DEFAULTS.httpApiResponse,
        'aws.httpApiResponse',
        ['simple', 'policy'],
        report,
      ),
    },
    realm: realm as string,
    limits: {
      maxTokenBytes: checkWhole(
        limits['maxTokenBytes'],
        'limits.maxTokenBytes',
        DEFAULTS.limits.maxTokenBytes,
        256,
        65_536,
        report,
      ),
      maxPathBytes: checkWhole(
        limits['maxPathBytes'],
        'limits.maxPathBytes',
        DEFAULTS.limits.maxPathBytes,
        64,
        16_384,
        report,
      ),
      maxJsonDepth: checkWhole(
        limits['maxJsonDepth'],
        'limits.maxJsonDepth',
        DEFAULTS.limits.maxJsonDepth,
        2,
        64,
        report,
      ),
    },
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return resolved
}
