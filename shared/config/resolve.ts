// From what an operator wrote to a configuration that can be relied on: picks the stage, fills in defaults
// and checks everything. It never repairs and never stops at the first problem: one ConfigError lists them
// all, each with its path and what to change. Unknown members are problems, because a typing mistake in a
// security setting must not pass for its absence.

import { OLD_NAME_GOES } from '../platform/version.ts'
import type { Grant } from '../decision.ts'
import { checkDefined, ConfigError, objectAt, type AddProblem, type ConfigProblem } from './checks.ts'
import type { LanekeeperConfig, ResolvedConfig } from './config.ts'
import { checkSections, checkSectionsTogether, SECTION_NAMES } from './edges/index.ts'
import type { EdgeEnvironment } from './edges/section.ts'
import { checkIdentity } from './identity.ts'
import { checkIssuers, checkSelection } from './issuers/issuers.ts'
import { checkLimits } from './limits.ts'
import { checkLog } from './log.ts'
import { checkPublicUrls } from './public-urls.ts'
import { checkPublished } from './published.ts'
import { REALM } from './realm.ts'
import { REPORT_ONLY } from './report-only.ts'
import { assignResources, checkResources } from './resources.ts'
import { checkRoutes } from './routes.ts'
import { applyStage } from './stages.ts'
import { substitute } from './substitute.ts'

/** Where the configuration is running. */
export interface ConfigEnvironment extends EdgeEnvironment {
  /** Name of the stage, from `LANEKEEPER_STAGE`. Absent or empty only where there are no stages. */
  readonly stage?: string | undefined
  /** Whether the platform can hand this identity on. A token whose identity it cannot is refused. Default: it can. */
  readonly fitsContext?: (grant: Grant) => boolean
  /**
   * The old name of `fitsContext`.
   *
   * @deprecated It goes away in 0.3.0.
   */
  readonly canCarry?: (grant: Grant) => boolean
}

/**
 * The old name of `ConfigEnvironment`.
 *
 * @deprecated It goes away in 0.3.0.
 */
export type Surroundings = ConfigEnvironment

const MEMBERS = [
  'issuers',
  'routes',
  'resources',
  ...SECTION_NAMES,
  'log',
  'identity',
  'realm',
  'limits',
  'reportOnly',
  'publicUrls',
  'stages',
] as const satisfies readonly (keyof LanekeeperConfig)[]

/**
 * Checks a configuration for one stage and completes it.
 *
 * @throws {ConfigError} naming every problem with its path.
 */
export function resolveConfig(config: LanekeeperConfig, environment: ConfigEnvironment = {}): ResolvedConfig {
  const problems: ConfigProblem[] = []
  const warnings: ConfigProblem[] = []
  const addProblem: AddProblem = (path, message, variable, severity) => {
    const found = { path, message, ...(variable === undefined ? {} : { variable }) }
    void (severity === 'warning' ? warnings : problems).push(found)
  }
  if (environment.canCarry !== undefined)
    addProblem('environment.canCarry', `is called fitsContext now; ${OLD_NAME_GOES}`, undefined, 'warning')
  const given = objectAt(config, 'config', addProblem, MEMBERS)
  checkDefined(given, '', addProblem)
  const staged = applyStage(given, environment.stage, addProblem)
  const env = environment.env ?? {}
  const realm = REALM.check(staged['realm'], 'realm', addProblem)
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
    ...checkSections(staged, environment, addProblem),
    realm,
    reportOnly: REPORT_ONLY.check(staged['reportOnly'], 'reportOnly', addProblem),
    publicUrls: checkPublicUrls(substitute(staged['publicUrls'], env, 'publicUrls', addProblem), addProblem),
    log: checkLog(staged['log'], environment, addProblem),
    limits: checkLimits(staged['limits'], addProblem),
    warnings,
  }
  checkPublished(resolved.routes, resolved, addProblem)
  checkSectionsTogether(resolved, environment, addProblem)
  checkSelection([...resolved.issuers.values()], resolved.routes, addProblem)
  if (problems.length > 0) throw new ConfigError(problems, environment.stage)
  return resolved
}
