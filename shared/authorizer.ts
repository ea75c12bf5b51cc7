// Creates an authorizer from a configuration as people write it: resolves it and puts all parts together.

import { assemble, assembleWithSteps, type EdgeLimits } from './assemble.ts'
import { createSafeReport } from './audit/decision-event.ts'
import { planOf } from './config/compile.ts'
import type { LanekeeperConfig, ResolvedConfig } from './config/config.ts'
import { resolveConfig, type ConfigEnvironment } from './config/resolve.ts'
import { ConfigError } from './plan/config-error.ts'
import type { Authorizer } from './decision.ts'
import type { GivenPorts, Ports } from './platform/ports.ts'
import { webCrypto } from './platform/web-crypto.ts'
import { stampOf } from './plan/stamp.ts'
import { partsOf, STEPS, type Steps } from './steps.ts'

/**
 * Without the store of a configured `revocation`, every request would be refused.
 *
 * @throws {ConfigError}
 */
function demandStore({ revocation }: ResolvedConfig, { revocations }: Ports, stage = ''): void {
  if (revocation != null && revocations === undefined)
    throw new ConfigError([{ path: 'revocation', message: 'needs the port revocations' }], stage)
}

function reportWarnings({ warnings }: ResolvedConfig, report: Ports['report']): void {
  for (const { path: setting, message } of warnings)
    report({ event: 'config', outcome: 'accepted', code: 'warning', setting, message })
}

/** Puts an authorizer with every part together. `ports.report` never throws. */
export function assembleAllParts(
  config: ResolvedConfig,
  ports: Ports,
  fitsContext?: EdgeLimits['fitsContext'],
): Authorizer {
  demandStore(config, ports)
  reportWarnings(config, ports.report)
  return assemble(config, ports, partsOf(STEPS), { fitsContext })
}

/** @internal `assembleAuthorizer` with the steps that a test passes in. */
export function assembleFromSteps(
  given: LanekeeperConfig,
  ports: Ports,
  environment: ConfigEnvironment,
  steps: Steps,
): Authorizer {
  const config = resolveConfig(
    given,
    ports.secrets === undefined ? { ...environment, secretKinds: [] } : environment,
  )
  demandStore(config, ports, environment.stage)
  const report = createSafeReport(ports.report, stampOf(planOf(config, environment.stage)))
  reportWarnings(config, report)
  const { canCarry, fitsContext = canCarry } = environment
  return assembleWithSteps(config, { ...ports, report }, partsOf(steps), { fitsContext }, steps)
}

/**
 * `createAuthorizer` for a platform that has its own `ports.crypto`: a bundle that uses this does not contain
 * `webCrypto`.
 *
 * @throws {ConfigError} if the configuration cannot be used; it lists every problem with its path.
 */
export const assembleAuthorizer = (
  config: LanekeeperConfig,
  ports: Ports,
  environment: ConfigEnvironment = {},
): Authorizer => assembleFromSteps(config, ports, environment, STEPS)

/**
 * Creates the authorizer for one stage of a configuration (`environment.stage`). Sends no request yet: keys are fetched
 * when the first token needs them.
 *
 * @throws {ConfigError} if the configuration cannot be used; it lists every problem with its path.
 *
 * @example
 * ```ts
 * const authorizer = createAuthorizer(config, { fetch, now: Date.now, report: console.log })
 * const decision = await authorizer.authorize({
 *   method: 'GET',
 *   path: '/orders',
 *   authorization: [`Bearer ${token}`],
 *   accessTokenInQuery: false,
 * })
 * const refusal = decision.allow ? null : toRefusal(decision, authorizer.config.realm)
 * ```
 */
export const createAuthorizer = (
  config: LanekeeperConfig,
  ports: GivenPorts,
  environment: ConfigEnvironment = {},
): Authorizer =>
  assembleFromSteps(config, { ...ports, crypto: ports.crypto ?? webCrypto }, environment, STEPS)
