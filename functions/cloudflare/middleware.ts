// For those who build their own Worker with Hono: the decision as a middleware. It brings no Hono of its own.

import type { MiddlewareHandler } from 'hono'
import type { Allow, Authorizer, Grant } from '../../shared/index.ts'
import { toResponse } from './refusal.ts'
import { toAuthorizationRequest } from './request.ts'

/** Variables that the middleware sets on the Hono context. */
export interface LanekeeperVariables {
  /** The verified grant; `null` on a public route, and where a refusal is not enforced (report-only). */
  grant: Grant | null
  /** The decision that let the request pass. */
  decision: Allow
}

/** Work that may outlive the response; platforms without an execution context simply let it run. */
function waitUntilOf(context: { executionCtx: { waitUntil(work: Promise<unknown>): void } }) {
  try {
    const { executionCtx } = context
    return (work: Promise<unknown>) => executionCtx.waitUntil(work)
  } catch {
    return undefined
  }
}

/**
 * Hono middleware: refuses with the status and challenge of the decision, or sets `grant` and goes on.
 *
 * Does not strip or set headers; `createWorker` does that on the way to the origin.
 */
export function lanekeeper(authorizer: Authorizer): MiddlewareHandler<{ Variables: LanekeeperVariables }> {
  return async (context, next) => {
    const decision = await authorizer.authorize(toAuthorizationRequest(context.req.raw), waitUntilOf(context))
    if (!decision.allow) return toResponse(decision, authorizer.config.realm)
    context.set('grant', decision.grant)
    context.set('decision', decision)
    return next()
  }
}
