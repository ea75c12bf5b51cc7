// From what an operator wrote to a configuration that can be relied on: picks the stage, fills in defaults
// and checks everything. It never repairs and never stops at the first problem: one ConfigError lists them
// all, each with its path and what to change. Unknown members are problems, because a typing mistake in a
// security setting must not pass for its absence.

import {
  bagAt,
  checkDefined,
  checkFlag,
  checkWhole,
  ConfigError,
  isText,
  optionalBagAt,
  type ConfigProblem,
  type Report,
} from './checks.ts'
import { DEFAULTS, type LanekeeperConfig, type Limits, type ResolvedConfig } from './config.ts'
import { GATEWAY_NAMES, IDENTITY_NAMES } from '../grant/identity.ts'
import { checkAws, checkKept } from './edges/aws.ts'
import { checkEdge } from './edges/cors.ts'
import { checkIssuers } from './issuers/issuers.ts'
import type { Grant } from '../decision.ts'
import { checkPublished } from './published.ts'
import { checkKeptHeaders, checkOrigin, type OriginSurroundings } from './edges/origin.ts'
import { checkPublicUrls } from './public-urls.ts'
import { checkSelection } from './issuers/token-reader.ts'
import { assignResources, checkResources } from './resources.ts'
import { checkRoutes } from './routes.ts'
import { applyStage, substitute } from './stages.ts'

/** Where the configuration is running. */
export interface Surroundings extends OriginSurroundings {
  /** Name of the stage, from `LANEKEEPER_STAGE`. Absent or empty only where there are no stages. */
  readonly stage?: string | undefined
  /** Name of the authorizer function, from `LANEKEEPER_AUTHORIZER`. Absent or empty: the settings of `aws` itself. */
  readonly authorizer?: string | undefined
  /** Whether the platform can hand this identity on. A token whose identity it cannot is refused. Default: it can. */
  readonly canCarry?: (grant: Grant) => boolean
}

function checkIdentity(value: unknown, report: Report): ResolvedConfig['identity'] {
  const given = optionalBagAt(value, 'identity', report, ['headerPrefix', 'claims'])
  const headerPrefix = given['headerPrefix'] ?? DEFAULTS.headerPrefix
  if (typeof headerPrefix !== 'string' || !/^x-[a-z0-9]+(?:-[a-z0-9]+)*-$/.test(headerPrefix)) {
    report(
      'identity.headerPrefix',
      'must look like "x-name-": lower case, beginning with "x-" and ending with "-"',
    )
  }
  const claims = optionalBagAt(given['claims'], 'identity.claims', report)
  for (const [name, claim] of Object.entries(claims)) {
    const path = `identity.claims.${name}`
    if (name === 'assertion') report(path, 'is the name of the signed assertion')
    if (!/^[a-z][a-z0-9_]*$/.test(name)) report(path, 'must be named with a-z, 0-9 and "_", a letter first')
    if ([...IDENTITY_NAMES, ...GATEWAY_NAMES].includes(name))
      report(path, 'is a name that every identity carries already')
    if (!isText(claim)) report(path, 'must be the name of a claim')
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

function checkLimits(value: unknown, report: Report): Limits {
  const names = Object.keys(LIMIT_RANGES) as (keyof Limits)[]
  const given = optionalBagAt(value, 'limits', report, names)
  const limits = { ...DEFAULTS.limits } as { -readonly [name in keyof Limits]: number }
  for (const name of names) {
    const [least, most] = LIMIT_RANGES[name]
    limits[name] = checkWhole(given[name], `limits.${name}`, DEFAULTS.limits[name], least, most, report)
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
export function resolveConfig(config: LanekeeperConfig, surroundings: Surroundings = {}): ResolvedConfig {
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []
  const report: Report = (path, message, variable, weight) => {
    const found = { path, message, ...(variable === undefined ? {} : { variable }) }
    void (weight === 'warning' ? warnings : problems).push(found)
  }
  const given = bagAt(config, 'config', report, MEMBERS)
  checkDefined(given, '', report)
  const staged = applyStage(given, surroundings.stage, report)
  const env = surroundings.env ?? {}
  const realm = staged['realm'] ?? DEFAULTS.realm
  if (typeof realm !== 'string' || !/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,64}$/.test(realm)) {
    report('realm', 'must be 1 to 64 printable ASCII characters without quotes and backslashes')
  }
  const issuers = checkIssuers(substitute(staged['issuers'], env, 'issuers', report), surroundings, report)
  const routes = checkRoutes(staged['routes'], report)
  const resources = checkResources(
    substitute(staged['resources'], env, 'resources', report),
    [...issuers.values()],
    report,
  )
  const resolved: ResolvedConfig = {
    issuers,
    routes: assignResources(routes, resources),
    resources,
    identity: checkIdentity(staged['identity'], report),
    origin: checkOrigin(substitute(staged['origin'], env, 'origin', report), surroundings, report),
    aws: checkAws(staged['aws'], surroundings.authorizer, report),
    realm: realm as string,
    reportOnly: checkFlag(staged['reportOnly'], 'reportOnly', DEFAULTS.reportOnly, report),
    publicUrls: checkPublicUrls(substitute(staged['publicUrls'], env, 'publicUrls', report), report),
    ...checkEdge(staged, surroundings, report),
    limits: checkLimits(staged['limits'], report),
    warnings,
  }
  checkPublished(resolved.routes, resolved, report)
  checkKept(resolved, report)
  checkKeptHeaders(resolved, surroundings, report)
  checkSelection([...resolved.issuers.values()], resolved.routes, report)
  if (problems.length > 0) throw new ConfigError(problems, surroundings.stage)
  return resolved
}
