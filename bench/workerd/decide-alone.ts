// The decision in a Worker and nothing around it: no Hono, no origin, no log.

import { toAuthorizationRequest } from '../../functions/cloudflare/request.ts'
import { createAuthorizer } from '../../shared/index.ts'
import { env } from './bindings.ts'

const ports = { fetch: (url: string, init: RequestInit) => fetch(url, init), now: Date.now, report: () => {} }
const authorizer = createAuthorizer(JSON.parse(env['CONFIG']!), ports)

export default {
  async fetch(request: Request): Promise<Response> {
    const decision = await authorizer.authorize(toAuthorizationRequest(request))
    if (decision.allow) return new Response('{}')
    return new Response('{}', { status: decision.code === 'insufficient_scope' ? 403 : 401 })
  },
}
