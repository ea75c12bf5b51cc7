// From the configuration that an operator wrote to the checked one of a stage, with every default filled in. It repairs
// nothing and does not stop at the first problem: one ConfigError lists them all, each with its path and what to
// change. An unknown member is a problem, because a security setting with a typing mistake must not count as absent.

import { OLD_NAME_GOES } from '../platform/version.ts'
import type { Grant } from '../decision.ts'
import { checkPublished } from '../plan/values/published.ts'
import { assignResources } from '../plan/values/resources.ts'
import {
  checkMembers,
  ConfigError,
  IMPOSSIBLE_NAME,
  isJsonObject,
  objectAt,
  type AddProblem,
  type ConfigProblem,
} from './checks.ts'
import type { LanekeeperConfig, ResolvedConfig } from './config.ts'
import { withProofs } from './edges/cors.ts'
import { checkSections, checkSectionsTogether, SECTION_NAMES } from './edges/index.ts'
import type { EdgeEnvironment } from './edges/section.ts'
import { checkIdentity } from './identity.ts'
import { checkIssuers, checkSelection } from './issuers/issuers.ts'
import { checkLimits } from './limits.ts'
import { checkLog } from './log.ts'
import { checkPublicUrls } from './public-urls.ts'
import { REALM } from './realm.ts'
import { REPORT_ONLY } from './report-only.ts'
import { checkResources } from './resources.ts'
import { checkRevocation } from './revocation/revocation.ts'
import { checkRevocationTogether } from './revocation/together.ts'
import { checkDpop } from './sender/dpop.ts'
import { checkMtls } from './sender/mtls.ts'
import { acceptedOf, DPOP, MTLS } from '../sender/demand.ts'
import { checkSenderTogether } from './sender/together.ts'
import { checkRoutes } from './routes.ts'
import { applyStage } from './stages.ts'
import { substituteSection } from './substitute.ts'

/**
 * The environment of a configuration: its stage, variables and secrets, and what the edge that runs it can do. Every
 * member may be left out; a check that needs it is then left out as well, unless its doc says otherwise.
 */
export interface ConfigEnvironment extends EdgeEnvironment {
  /** Name of the stage, from `LANEKEEPER_STAGE`. Required where stages are configured, else absent or empty. */
  readonly stage?: string | undefined
  /**
   * Whether the platform can pass on the identity of this grant. A token for which it returns `false` is refused
   * (`identity_inexpressible`). Default: it can.
   */
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
  'revocation',
  'dpop',
  'mtls',
  'log',
  'identity',
  'realm',
  'limits',
  'reportOnly',
  'publicUrls',
  'stages',
] as const satisfies readonly (keyof LanekeeperConfig)[]

/**
 * Checks a configuration for one stage and fills in its defaults. Reads nothing but its arguments: it sends no request
 * to an issuer and loads no secret.
 *
 * @throws {ConfigError} with every problem and its path.
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
  checkMembers(given, '', addProblem)
  if (problems.some(({ message }) => message === IMPOSSIBLE_NAME))
    throw new ConfigError(problems, environment.stage, warnings)
  const staged = applyStage(given, environment.stage, addProblem)
  const substituted = (name: keyof LanekeeperConfig) =>
    substituteSection(staged[name], environment, name, addProblem)
  const realm = REALM.check(staged['realm'], 'realm', addProblem)
  const issuers = checkIssuers(substituted('issuers'), environment, addProblem)
  const routes = checkRoutes(staged['routes'], addProblem)
  const resources = checkResources(substituted('resources'), [...issuers.values()], environment, addProblem)
  const takes = (tokens: number) =>
    [...issuers.values()].some((one) => (acceptedOf(one, {}, {}) & tokens) !== 0)
  const sections = checkSections(staged, environment, addProblem)
  const resolved: ResolvedConfig = {
    issuers,
    routes: assignResources(routes, resources),
    resources,
    identity: checkIdentity(staged['identity'], addProblem),
    ...sections,
    cors: takes(DPOP) ? withProofs(sections.cors, addProblem) : sections.cors,
    realm,
    revocation: checkRevocation(
      substituted('revocation'),
      Object.keys(isJsonObject(staged['issuers']) ? staged['issuers'] : {}),
      environment,
      addProblem,
    ),
    dpop: checkDpop(substituted('dpop'), takes(DPOP), environment, addProblem),
    mtls: checkMtls(substituted('mtls'), takes(MTLS), environment, addProblem),
    reportOnly: REPORT_ONLY.check(staged['reportOnly'], 'reportOnly', addProblem),
    publicUrls: checkPublicUrls(substituted('publicUrls'), environment, addProblem),
    log: checkLog(staged['log'], environment, addProblem),
    limits: checkLimits(staged['limits'], addProblem),
    warnings,
  }
  const known = resources.filter(
    (_, index) => !environment.later?.open.isOpen(`resources[${index}].identifier`),
  )
  checkPublished(resolved.routes, { ...resolved, resources: known }, addProblem)
  checkRevocationTogether(resolved.revocation ?? null, resolved.routes, addProblem)
  checkSenderTogether(resolved, staged['publicUrls'] !== undefined, environment, addProblem)
  checkSectionsTogether(resolved, environment, addProblem)
  checkSelection([...resolved.issuers.values()], resolved.routes, addProblem)
  if (problems.length > 0) throw new ConfigError(problems, environment.stage, warnings)
  return resolved
}
