// From what an operator wrote to a configuration that can be relied on: picks the stage, fills in defaults
// and checks everything. It never repairs and never stops at the first problem: one ConfigError lists them
// all, each with its path and what to change. Unknown members are problems, because a typing mistake in a
// security setting must not pass for its absence.

import {
  objectAt,
  checkDefined,
  checkFlag,
  checkWhole,
  ConfigError,
  isNonEmptyString,
  optionalObjectAt,
  type ConfigProblem,
  type AddProblem,
} from './checks.ts'
import { DEFAULTS, type LanekeeperConfig, type Limits, type ResolvedConfig } from './config.ts'
import { GATEWAY_NAMES, IDENTITY_NAMES } from '../grant/identity.ts'
import { checkAws, checkKept } from './edges/aws.ts'
import { checkEdge } from './edges/cors.ts'
import { checkIssuers } from './issuers/issuers.ts'
import type { Grant } from '../decision.ts'
import { checkPublished } from './published.ts'
import { checkKeptHeaders, checkOrigin, type OriginEnvironment } from './edges/origin.ts'
import { checkPublicUrls } from './public-urls.ts'
import { checkSelection } from './issuers/token-reader.ts'
import { assignResources, checkResources } from './resources.ts'
import { checkRoutes } from './routes.ts'
import { applyStage, substitute } from './stages.ts'

/** Where the configuration is running. */
export interface Surroundings extends OriginEnvironment {
  /** Name of the stage, from `LANEKEEPER_STAGE`. Absent or empty only where there are no stages. */
  readonly stage?: string | undefined
  /** Name of the authorizer function, from `LANEKEEPER_AUTHORIZER`. Absent or empty: the settings of `aws` itself. */
  readonly authorizer?: string | undefined
  /** Whether the platform can hand this identity on. A token whose identity it cannot is refused. Default: it can. */
  readonly canCarry?: (grant: Grant) => boolean
}

function checkIdentity(value: unknown, addProblem: AddProblem): ResolvedConfig['identity'] {
  const given = optionalObjectAt(value, 'identity', addProblem, ['headerPrefix', 'claims'])
  const headerPrefix = given['headerPrefix'] ?? DEFAULTS.headerPrefix
  if (typeof headerPrefix !== 'string' || !/^x-[a-z0-9]+(?:-[a-z0-9]+)*-$/.test(headerPrefix)) {
    addProblem(
      'identity.headerPrefix',
      'must look like "x-name-": lower case, beginning with "x-" and ending with "-"',
    )
  }
  const claims = optionalObjectAt(given['claims'], 'identity.claims', addProblem)
  for (const [name, claim] of Object.entries(claims)) {
    const path = `identity.claims.${name}`
    if (name === 'assertion') addProblem(path, 'is the name of the signed assertion')
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      addProblem(path, 'must be named with a-z, 0-9 and "_", a letter first')
    if ([...IDENTITY_NAMES, ...GATEWAY_NAMES].includes(name))
      addProblem(path, 'is a name that every identity carries already')
    if (!isNonEmptyString(claim)) addProblem(path, 'must be the name of a claim')
  }
  return { headerPrefix: headerPrefix as string, claims: claims as Readonly<Record<string, string>> }
}

/** Least and most of every limit. */
const LIMIT_RANGES = {
  maxTokenBytes: [256, 65_536],
  maxPathBytes: [64, 16_384],
  maxJsonDepth: [2, 64],
  tokenMemoryBytes: [0, 268_435_456],
} as const satisfies Record<keyof Limits, readonly [number, number]>

function checkLimits(value: unknown, addProblem: AddProblem): Limits {
  const names = Object.keys(LIMIT_RANGES) as (keyof Limits)[]
  const given = optionalObjectAt(value, 'limits', addProblem, names)
  const limits = { ...DEFAULTS.limits } as { -readonly [name in keyof Limits]: number }
  for (const name of names) {
    const [least, most] = LIMIT_RANGES[name]
    limits[name] = checkWhole(given[name], `limits.${name}`, DEFAULTS.limits[name], least, most, addProblem)
  }
  return limits
}

const MEMBERS = [
  'issuers',
  'routes',
  'resources',
  'cors',
  'serverTiming',
  'log',
  'identity',
  'origin',
  'aws',
  'realm',
  'limits',
  'reportOnly',
  'publicUrls',
  'stages',
]

/**
 * Checks a configuration for one stage and completes it.
 *
 * @throws {ConfigError} naming every problem with its path.
 */
export function resolveConfig(config: LanekeeperConfig, environment: Surroundings = {}): ResolvedConfig {
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []
  const addProblem: AddProblem = (path, message, variable, severity) => {
    const found = { path, message, ...(variable === undefined ? {} : { variable }) }
    void (severity === 'warning' ? warnings : problems).push(found)
  }
  const given = objectAt(config, 'config', addProblem, MEMBERS)
  checkDefined(given, '', addProblem)
  const staged = applyStage(given, environment.stage, addProblem)
  const env = environment.env ?? {}
  const realm = staged['realm'] ?? DEFAULTS.realm
  if (typeof realm !== 'string' || !/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(realm)) {
    addProblem('realm', 'must be 1 to 64 printable ASCII characters without quotes and backslashes')
  }
  const issuers = checkIssuers(
    substitute(staged['issuers'], env, 'issuers', addProblem),
    environment,
    addProblem,
  )
  const routes = checkRoutes(staged['routes'], addProblem)
  const resources = checkResources(
    substitute(staged['resources'], env, 'resources', addProblem),
    [...issuers.values()],
    addProblem,
  )
  const resolved: ResolvedConfig = {
    issuers,
    routes: assignResources(routes, resources),
    resources,
    identity: checkIdentity(staged['identity'], addProblem),
    origin: checkOrigin(substitute(staged['origin'], env, 'origin', addProblem), environment, addProblem),
    aws: checkAws(staged['aws'], environment.authorizer, addProblem),
    realm: realm as string,
    reportOnly: checkFlag(staged['reportOnly'], 'reportOnly', DEFAULTS.reportOnly, addProblem),
    publicUrls: checkPublicUrls(substitute(staged['publicUrls'], env, 'publicUrls', addProblem), addProblem),
    ...checkEdge(staged, environment, addProblem),
    limits: checkLimits(staged['limits'], addProblem),
    warnings,
  }
  checkPublished(resolved.routes, resolved, addProblem)
  checkKept(resolved, addProblem)
  checkKeptHeaders(resolved, environment, addProblem)
  checkSelection([...resolved.issuers.values()], resolved.routes, addProblem)
  if (problems.length > 0) throw new ConfigError(problems, environment.stage)
  return resolved
}
