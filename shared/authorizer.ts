// Creates an authorizer from a configuration as people write it: resolves it and puts all parts together.

import { assemble } from './assemble.ts'
import { createSafeReport } from './audit/decision-event.ts'
import type { LanekeeperConfig } from './config/config.ts'
import { resolveConfig, type ConfigEnvironment } from './config/resolve.ts'
import type { Authorizer } from './decision.ts'
import type { GivenPorts, Ports } from './platform/ports.ts'
import { webCrypto } from './platform/web-crypto.ts'
import { partsOf, STEPS, type Steps } from './steps.ts'

/** @internal `assembleAuthorizer` with the steps that a test passes in. */
export function assembleFromSteps(
  givenConfig: LanekeeperConfig,
  ports: Ports,
  environment: ConfigEnvironment,
  steps: Steps,
): Authorizer {
  const config = resolveConfig(
    givenConfig,
    ports.secrets === undefined ? { ...environment, secretKinds: [] } : environment,
  )
  const report = createSafeReport(ports.report)
  for (const { path: setting, message } of config.warnings)
    report({ event: 'config', outcome: 'accepted', code: 'warning', setting, message })
  const { canCarry, fitsContext = canCarry } = environment
  return assemble(config, ports, partsOf(steps), { fitsContext }, steps)
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
