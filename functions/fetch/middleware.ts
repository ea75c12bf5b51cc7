// The decision as a Hono middleware, for an application that has Hono. Imports only the types of Hono.

import type { MiddlewareHandler } from 'hono'
import type { Allow, Authorizer, Grant } from '../../shared/edge.ts'
import { createClean, type Clean } from './forwarded.ts'
import { toResponse } from './refusal.ts'
import { readRequest, targetOf, type PlatformFacts } from './request.ts'
import { keepFromCaches } from './shared-caches.ts'

/** Variables that the middleware sets on the Hono context. */
export interface LanekeeperVariables {
  /** The verified grant; `null` on a public route, and where a refusal is not enforced (report-only). */
  grant: Grant | null
  /** The decision that let the request pass. */
  decision: Allow
}

/** `waitUntil` of the execution context; `undefined` on platforms without one, where Hono throws. */
function waitUntilOf(context: { executionCtx: { waitUntil(work: Promise<unknown>): void } }) {
  try {
    const { executionCtx } = context
    return (work: Promise<unknown>) => executionCtx.waitUntil(work)
  } catch {
    return undefined
  }
}

/**
 * A copy of the request without the fields that a client must not send on. It has no body if that of the request was
 * read already.
 */
function cleaned(raw: Request, clean: Clean): Request {
  const headers = new Headers(raw.headers)
  clean(headers, raw)
  return raw.bodyUsed ? new Request(raw.url, { method: raw.method, headers }) : new Request(raw, { headers })
}

/** The middleware for a platform. `createHonoMiddleware` of functions/cloudflare/middleware.ts documents it. */
export function createAuthorizerMiddleware(
  authorizer: Authorizer,
  platform: PlatformFacts,
): MiddlewareHandler<{ Variables: LanekeeperVariables }> {
  const { config, needs } = authorizer
  const clean = createClean(config)
  return async (context, next) => {
    const { raw } = context.req
    const decision = await authorizer.authorize(
      readRequest(raw, targetOf(raw.url), needs, platform),
      waitUntilOf(context),
    )
    if (!decision.allow) return toResponse(decision, config.realm)
    context.set('grant', decision.grant)
    context.set('decision', decision)
    context.req.raw = cleaned(raw, clean)
    await next()
    const { dpopNonce } = decision
    if (dpopNonce !== undefined) {
      // After this call the fields of any response can be changed.
      context.header('DPoP-Nonce', dpopNonce)
      keepFromCaches(context.res.headers)
    }
    return undefined
  }
}
