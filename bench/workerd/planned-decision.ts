// The decision of an artefact and nothing around it, in the place of functions/cloudflare/planned-worker.ts: the same
// plan and the same parts, no origin and no log.

import { toAuthorizationRequest } from '../../functions/cloudflare/request.ts'
import { createWorkerPorts, type WorkerEnv } from '../../functions/cloudflare/worker-ports.ts'
import { assemble, createWebCrypto, fill, stampOf, type Parts, type Plan } from '../../shared/edge.ts'

export function startWorker(plan: Plan, env: WorkerEnv, parts: Parts) {
  const ports = createWorkerPorts(env, { report: () => {} }, stampOf(plan))
  const crypto = createWebCrypto(parts.keyTypes)
  const authorizer = assemble(fill(plan, 'cloudflare', env, parts), { ...ports, crypto }, parts)
  return {
    authorize: authorizer.authorize,
    async fetch(request: Request): Promise<Response> {
      const decision = await authorizer.authorize(toAuthorizationRequest(request, authorizer.needs))
      if (decision.allow) return new Response('{}')
      return new Response('{}', { status: decision.code === 'insufficient_scope' ? 403 : 401 })
    },
  }
}
