// The Worker without an origin behind it and without a log: what is left is the decision and what it takes to pass a
// request on.

import { createWorker } from '../../functions/cloudflare/worker.ts'
import { env } from './bindings.ts'

export default createWorker(JSON.parse(env['CONFIG']!), env, {
  report: () => {},
  fetch: async (input, init) => (input instanceof Request ? new Response('{}') : fetch(input, init)),
})
