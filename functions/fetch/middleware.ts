// For those who build their own Worker with Hono: the decision as a middleware. It brings no Hono of its own.

import type { MiddlewareHandler } from 'hono'
import type { Allow, Authorizer, Grant } from '../../shared/index.ts'
import { createClean, type Clean } from './forwarded.ts'
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

/** The request without the fields that end here. Where somebody has read its body before, that is gone already. */
function cleaned(raw: Request, clean: Clean): Request {
  const headers = new Headers(raw.headers)
  clean(headers, raw)
  return raw.bodyUsed ? new Request(raw.url, { method: raw.method, headers }) : new Request(raw, { headers })
}

/**
 * Hono middleware: refuses with the status and challenge of the decision, or sets `grant` and goes on. What comes after it
 * sees the request without identity fields of the client and those of other gateways and frameworks, as an origin behind
 * `createWorker` would (`origin.keepHeaders` and `publicUrls` of the configuration count), so it may send it on.
 *
 * Does not strip the token and sets no identity headers: the identity is in `grant`.
 */
export function lanekeeper(authorizer: Authorizer): MiddlewareHandler<{ Variables: LanekeeperVariables }> {
  const clean = createClean(authorizer.config)
  return async (context, next) => {
    const decision = await authorizer.authorize(
      toAuthorizationRequest(context.req.raw, authorizer.needs),
      waitUntilOf(context),
    )
    if (!decision.allow) return toResponse(decision, authorizer.config.realm)
    context.set('grant', decision.grant)
    context.set('decision', decision)
    context.req.raw = cleaned(context.req.raw, clean)
    return next()
  }
}
