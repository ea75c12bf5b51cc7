// The Worker of the soak: the unmodified `createWorker`, with an origin that answers without a network, and reports
// that are only counted, so that the edge alone is measured.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { createWorker } from '../../functions/cloudflare/worker.ts'

let reports = 0

export default createWorker(JSON.parse(env.CONFIG), env, {
  fetch: async (input, init) =>
    typeof input === 'string' ? fetch(input, init) : new Response('from the origin'),
  report: () => void reports++,
})
