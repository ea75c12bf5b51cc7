// The Hono middleware on Cloudflare. The request identifier in its log is the Ray ID.

import type { MiddlewareHandler } from 'hono'
import type { Authorizer } from '../../shared/edge.ts'
import { createAuthorizerMiddleware, type LanekeeperVariables } from '../fetch/middleware.ts'
import { CLOUDFLARE_FACTS } from './request.ts'

/**
 * Hono middleware: answers a refused request with status and challenge; for an allowed one it sets the variables
 * `grant` and `decision` and calls the next handler. That handler gets the request without the fields that
 * `createWorker` removes (`origin.keepHeaders` and `publicUrls` of the configuration apply), so it may send the request
 * on.
 *
 * Does not remove the token or its DPoP proof and sets no identity headers: the identity is in `grant`. A response gets
 * the nonce for the next proof of its client, if there is a new one. Needs Hono, which the application
 * installs.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import { createAuthorizer } from 'lanekeeper'
 * import { createHonoMiddleware, type LanekeeperVariables } from 'lanekeeper/cloudflare'
 * import config from './lanekeeper.config.ts'
 *
 * const ports = { fetch: fetch.bind(globalThis), now: Date.now, report: console.log }
 * const app = new Hono<{ Variables: LanekeeperVariables }>()
 * app.use(createHonoMiddleware(createAuthorizer(config, ports)))
 * app.get('/orders', (c) => c.json({ caller: c.get('grant')?.principal }))
 * ```
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
