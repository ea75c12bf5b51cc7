// Creates an authorizer from a configuration and ports. The order of the checks on a request is in pipeline.ts.

import { createAudit } from './audit/audit.ts'
import { createSafeReport } from './audit/decision-event.ts'
import type { LanekeeperConfig, ResolvedConfig, ResolvedRoute } from './config/config.ts'
import { resolveConfig, type ConfigEnvironment } from './config/resolve.ts'
import type { AuthorizationRequest, Decision, Grant, RequestNeeds } from './decision.ts'
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

/**
 * Decides about the requests of one stage of a configuration. It has the caches of one instance (key sets, verified
 * tokens, introspection results), so create it once and use it for every request.
 *
 * It sends no response and forwards nothing: an edge does that with the decision (`toRefusal`, `toIdentity`).
 */
export interface Authorizer {
  /**
   * Decides about one request. Never throws: a failure is a `Deny` whose `code` is a row of `FAILURES`. An argument
   * that is no `AuthorizationRequest` is denied too (`request_unrecognised`), also in report-only.
   *
   * `waitUntil` keeps a key refresh alive after the response (`ctx.waitUntil` on Workers).
   *
   * Does not read the body. Does not check whether a JWT that is verified here has been revoked: it is accepted until
   * `exp`. The result of an introspection is used for `cacheSeconds`.
   */
  authorize(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Decision>
  /** The rule for a method and a path; `null` where no rule covers them. Checks no token. */
  findRoute(method: string, path: string): ResolvedRoute | null
  /**
   * Decides like `authorize`, but requires a token on every route, public ones included, and verifies it before the
   * route. So the grant of a valid token is known even where the route refuses the request: for an answer that API
   * Gateway applies to more than one request.
   *
   * `grant` is `null` unless every check of the token itself has passed. A grant does not mean that the route allows
   * the request.
   */
  examine(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Examination>
  /** The header fields that a request must have in `fields`, and whether it must have `clientCertificate`. */
  readonly needs: RequestNeeds
  /** The configuration in force: with the overrides of the stage and every default. */
  readonly config: ResolvedConfig
}

/** The result of `Authorizer.examine`: the decision, and the grant of the token whatever the route decides. */
export interface Examination {
  readonly decision: Decision
  /** `null` where the token itself was refused, or was never checked. */
  readonly grant: Grant | null
}

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
 * import { createAuthorizer, toRefusal } from 'lanekeeper'
 * import config from './lanekeeper.config.ts'
 *
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
