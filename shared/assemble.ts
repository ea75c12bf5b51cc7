// Puts an authorizer together from a configuration, ports and parts. It imports no part and reads no configuration
// file: what is deployed begins here. The order of the checks on a request is in pipeline.ts.

import { createAudit } from './audit/audit.ts'
import { createSafeReport } from './audit/decision-event.ts'
import type { CoreConfig } from './config/config.ts'
import { CORE_STEPS, type CoreSteps } from './core-steps.ts'
import type { AuthorizationRequest, Authorizer, Decision, Grant } from './decision.ts'
import { failure, isFailure } from './failures/failure.ts'
import type { Parts } from './parts/parts.ts'
import { decide } from './pipeline.ts'
import { createDeadline } from './platform/deadline.ts'
import type { Ports, WaitUntil } from './platform/ports.ts'
import { createToDecision } from './policy/to-decision.ts'
import { createContext, type DecisionContext } from './request/decision-context.ts'
import type { Outcome } from './stages.ts'
import type { Soon } from './token/token-reader.ts'
import { createWiring } from './wiring.ts'

type Pipeline = (context: DecisionContext) => Soon<Outcome>

/** What an edge adds to the core. */
export interface EdgeLimits {
  /** Whether the platform can pass on the identity of this grant. Default: it can. */
  readonly fitsContext?: ((grant: Grant) => boolean) | undefined
}

/** @internal `assemble` with the steps that a test passes in. */
export function assembleWithSteps<Config extends CoreConfig>(
  config: Config,
  givenPorts: Ports,
  parts: Parts,
  { fitsContext = () => true }: EdgeLimits,
  steps: CoreSteps,
): Authorizer<Config> {
  const ports: Ports = { ...givenPorts, report: createSafeReport(givenPorts.report) }
  const checkRequest = parts.checkRequest?.(ports)
  const { stages, prepareKeys, receivers, needs, complete, findRoute, retryAfterSeconds } = createWiring(
    config,
    ports,
    parts,
    fitsContext,
    steps,
  )
  const audit = createAudit(config, ports, parts.fingerprintKey)
  const toDecision = createToDecision(config, retryAfterSeconds, steps.isReportOnly)

  async function run<Answer>(
    given: AuthorizationRequest,
    waitUntil: WaitUntil | undefined,
    pipeline: Pipeline,
    toAnswer: (decision: Decision, grant: Grant | null) => Answer,
  ): Promise<Answer> {
    const deadline = createDeadline(ports, waitUntil)
    const request = checkRequest === undefined ? given : checkRequest(given, deadline)
    if ('allow' in request) return toAnswer(request, null)
    const context = createContext(request, deadline)
    audit.prepare(request, waitUntil)
    let decision: Decision
    try {
      const outcome = pipeline(context)
      decision = complete(toDecision(outcome instanceof Promise ? await outcome : outcome, context), context)
    } catch (error) {
      const detail = { error: error instanceof Error ? error.name : typeof error }
      decision = toDecision(failure('internal_error', detail), context)
    }
    audit.record(decision, context)
    return toAnswer(decision, context.grant)
  }

  const deciding: Pipeline = (context) => decide(context, stages)
  const examining: Pipeline = (context) => parts.examine!(context, stages)
  return {
    config,
    needs,
    receivers,
    authorize: (request, waitUntil) => run(request, waitUntil, deciding, (decision) => decision),
    examine: (request, waitUntil) =>
      run(request, waitUntil, examining, (decision, grant) => ({ decision, grant })),
    findRoute(method, path) {
      const route = findRoute(method, path)
      return isFailure(route) ? null : route
    },
    async prefetchKeys() {
      await prepareKeys()
    },
  }
}

/**
 * Puts an authorizer together for an edge: from a configuration that `fill` has read from a plan, and the parts that
 * `lanekeeper build` lists for it. With a part missing, it throws, or requests that need the part fail with
 * `internal_error`.
 */
export const assemble = <Config extends CoreConfig>(
  config: Config,
  ports: Ports,
  parts: Parts,
  limits: EdgeLimits = {},
): Authorizer<Config> => assembleWithSteps(config, ports, parts, limits, CORE_STEPS)
