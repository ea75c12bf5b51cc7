// The Hono middleware on Cloudflare, where the Ray ID names a request.

import type { MiddlewareHandler } from 'hono'
import type { Authorizer } from '../../shared/index.ts'
import { createAuthorizerMiddleware, type LanekeeperVariables } from '../fetch/middleware.ts'
import { CLOUDFLARE_FACTS } from './request.ts'

/**
 * Hono middleware: refuses with the status and challenge of the decision, or sets `grant` and goes on. What comes after it
 * sees the request without identity fields of the client and those of other gateways and frameworks, as an origin behind
 * `createWorker` would (`origin.keepHeaders` and `publicUrls` of the configuration count), so it may send it on.
 *
 * Does not strip the token and sets no identity headers: the identity is in `grant`.
 */
export function createHonoMiddleware(
  authorizer: Authorizer,
): MiddlewareHandler<{ Variables: LanekeeperVariables }> {
  return createAuthorizerMiddleware(authorizer, CLOUDFLARE_FACTS)
}

let isWarned = false

/**
 * The old name of `createHonoMiddleware`.
 *
 * @deprecated It goes away in 0.3.0.
 */
export function lanekeeper(authorizer: Authorizer): MiddlewareHandler<{ Variables: LanekeeperVariables }> {
  if (!isWarned)
    console.warn('lanekeeper is called createHonoMiddleware now; the old name goes away in 0.3.0')
  isWarned = true
  return createHonoMiddleware(authorizer)
}
