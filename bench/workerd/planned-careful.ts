// What our Worker does to request and response, and its log line, without a decision: every request passes as the same
// caller. In the place of functions/cloudflare/planned-worker.ts, with the same plan. The difference to the whole
// Worker is the cost of the decision.

import { createCopyRequest } from '../../functions/cloudflare/origin.ts'
import type { WorkerEnv } from '../../functions/cloudflare/worker-ports.ts'
import { createForward } from '../../functions/fetch/origin-request.ts'
import { targetOf } from '../../functions/fetch/request.ts'
import type { FetchConfig } from '../../functions/fetch/send-on.ts'
import { keepFromSharedCaches } from '../../functions/fetch/shared-caches.ts'
import { fill, stampOf, type Allow, type Parts, type Plan } from '../../shared/edge.ts'

const EVERYBODY: Allow = {
  allow: true,
  route: 'GET /orders/{id}',
  grant: {
    principal: { kind: 'user', id: 'auth0|5f7c8ec7c33c6c004bbafe82' },
    clientId: 'orders-web',
    scopes: ['openid', 'profile', 'orders:read', 'orders:write'],
    issuer: 'http://127.0.0.1',
    notBefore: null,
    expiresAt: 4_102_444_800,
    tokenId: null,
    facts: {},
  },
}

const LINE = { door: 'worker', event: 'decision', outcome: 'allow', code: 'access_token', method: 'GET' }

export function startWorker(plan: Plan, env: WorkerEnv, parts: Parts) {
  const config = fill(plan, 'cloudflare', env, parts) as FetchConfig
  const toOrigin = createForward(config, createCopyRequest(config))
  const line = { ...LINE, route: EVERYBODY.route, client: 'orders-web', fetches: 0, ms: 0, ...stampOf(plan) }
  return {
    async fetch(request: Request): Promise<Response> {
      const forwarded = toOrigin(request, targetOf(request.url), EVERYBODY, null, false)
      const response = keepFromSharedCaches(await fetch(forwarded))
      console.log(JSON.stringify(line))
      return response
    },
    authorize: async () => EVERYBODY,
  }
}
