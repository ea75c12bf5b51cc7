// The Worker without an origin and without a log: what remains is the decision and the preparation of the forwarded
// request.

import { createWorker } from '../../functions/cloudflare/worker.ts'
import { env } from './bindings.ts'

export default createWorker(JSON.parse(env['CONFIG']!), env, {
  report: () => {},
  fetch: async (input, init) => (input instanceof Request ? new Response('{}') : fetch(input, init)),
})
