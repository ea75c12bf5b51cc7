// Creates an authorizer from a configuration and ports. The order of the checks on a request is in pipeline.ts.

import { createAudit } from './audit/audit.ts'
import { createSafeReport } from './audit/decision-event.ts'
import type { LanekeeperConfig } from './config/config.ts'
import { resolveConfig, type ConfigEnvironment } from './config/resolve.ts'
import type { AuthorizationRequest, Authorizer, Decision, Grant } from './decision.ts'
import { toDeny } from './failures/deny.ts'
import { failure, isFailure } from './failures/failure.ts'
import { createToDecision } from './policy/to-decision.ts'
import { ANY_ROUTE, createParts } from './parts.ts'
import { decide, examine } from './pipeline.ts'
import { createDeadline } from './platform/deadline.ts'
import type { GivenPorts, Ports, WaitUntil } from './platform/ports.ts'
import { OLD_NAME_GOES } from './platform/version.ts'
import { webCrypto } from './platform/web-crypto.ts'
import { createContext, type DecisionContext } from './request/decision-context.ts'
import { readRequest } from './request/read-request.ts'
import type { Outcome } from './stages.ts'
import { STEPS, type Steps } from './steps.ts'
import type { Soon } from './token/token-reader.ts'

type Pipeline = (context: DecisionContext) => Soon<Outcome>

/** @internal `assembleAuthorizer` with the steps that a test passes in. */
export function assembleFromSteps(
  givenConfig: LanekeeperConfig,
  givenPorts: Ports,
  environment: ConfigEnvironment,
  steps: Steps,
): Authorizer {
  const config = resolveConfig(
    givenConfig,
    givenPorts.secrets === undefined ? { ...environment, secretKinds: [] } : environment,
  )
  const ports: Ports = { ...givenPorts, report: createSafeReport(givenPorts.report) }
  const warn = (setting: string, message: string): void =>
    ports.report({ event: 'config', outcome: 'accepted', code: 'warning', setting, message })
  for (const { path, message } of config.warnings) warn(path, message)
  let isOldNameReported = false

  const { stages, needs, findRoute, retryAfterSeconds } = createParts(config, ports, environment, steps)
  const audit = createAudit(config, ports)
  const toDecision = createToDecision(config, retryAfterSeconds, steps.isReportOnly)

  async function run<Answer>(
    given: AuthorizationRequest,
    waitUntil: WaitUntil | undefined,
    pipeline: Pipeline,
    toAnswer: (decision: Decision, grant: Grant | null) => Answer,
  ): Promise<Answer> {
    const deadline = createDeadline(ports, waitUntil)
    const request = readRequest(given)
    if (isFailure(request)) {
      // No rule can be found for such an argument, so it is refused in report-only too.
      const decision = toDeny(request, undefined, null, () => 1)
      audit.recordUnrecognised(decision, deadline)
      return toAnswer(decision, null)
    }
    if (request.isUnnameable !== undefined && !isOldNameReported) {
      isOldNameReported = true
      warn('request.isUnnameable', `is called exceedsPolicyResource now; ${OLD_NAME_GOES}`)
    }
    const context = createContext(request, deadline)
    audit.prepare(request, waitUntil)
    let decision: Decision
    try {
      const outcome = pipeline(context)
      decision = toDecision(outcome instanceof Promise ? await outcome : outcome, context)
    } catch (error) {
      const detail = { error: error instanceof Error ? error.name : typeof error }
      decision = toDecision(failure('internal_error', detail), context)
    }
    audit.record(decision, context)
    return toAnswer(decision, context.grant)
  }

  const deciding: Pipeline = (context) => decide(context, stages)
  const examining: Pipeline = (context) => examine(context, stages, ANY_ROUTE)
  return {
    config,
    needs,
    authorize: (request, waitUntil) => run(request, waitUntil, deciding, (decision) => decision),
    examine: (request, waitUntil) =>
      run(request, waitUntil, examining, (decision, grant) => ({ decision, grant })),
    findRoute(method, path) {
      const route = findRoute(method, path)
      return isFailure(route) ? null : route
    },
  }
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
