// Wiring: a configuration and ports in, `authorize` out. What happens to a request stands in pipeline.ts.

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

export interface Authorizer {
  /**
   * Decides about one request. Never throws: what goes wrong is a `Deny` with a code of `FAILURES`, and so is the
   * answer to an argument that is no request (`request_unrecognised`), report-only or not.
   *
   * `waitUntil` keeps a key refresh alive after the response (`ctx.waitUntil` on Workers).
   *
   * Does not read the body. A JWT that is verified here is good until `exp`: whether it has been revoked is not
   * known. What an issuer said about an opaque token is believed for `cacheSeconds`.
   */
  authorize(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Decision>
  /** The rule for a method and a path, whoever asks; `null` where none covers them. */
  findRoute(method: string, path: string): ResolvedRoute | null
  /**
   * Decides like `authorize`, but asks for a token on every route, public ones included, and verifies it before the
   * route is looked at. So the grant is known whenever the token is good, for an answer about more than one request.
   *
   * `grant` is `null` unless every check of the token itself has passed. It says nothing about the route.
   */
  examine(request: AuthorizationRequest, waitUntil?: WaitUntil): Promise<Examination>
  /** What to put into `fields` and `clientCertificate` of a request. */
  readonly needs: RequestNeeds
  /** The configuration in force. */
  readonly config: ResolvedConfig
}

export interface Examination {
  readonly decision: Decision
  readonly grant: Grant | null
}

type Pipeline = (context: DecisionContext) => Soon<Outcome>

/** @internal `assembleAuthorizer` with other steps, which tests alone have. */
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
      // Nobody knows what was meant, so this holds even where nothing is enforced.
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
 * The same as `createAuthorizer`, for a platform that brings its own cryptography: nothing else is bundled then.
 *
 * @throws {ConfigError} if the configuration cannot be used.
 */
export const assembleAuthorizer = (
  config: LanekeeperConfig,
  ports: Ports,
  environment: ConfigEnvironment = {},
): Authorizer => assembleFromSteps(config, ports, environment, STEPS)

/**
 * Creates the authorizer for one stage of a configuration.
 *
 * @throws {ConfigError} if the configuration cannot be used; it lists every problem with its path.
 */
export const createAuthorizer = (
  config: LanekeeperConfig,
  ports: GivenPorts,
  environment: ConfigEnvironment = {},
): Authorizer =>
  assembleFromSteps(config, { ...ports, crypto: ports.crypto ?? webCrypto }, environment, STEPS)
