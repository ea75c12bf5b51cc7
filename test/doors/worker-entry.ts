// The Worker under test: `createWorker` as it is, with the configuration from a variable and its reports kept
// where the test can collect them.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import type { ReportEvent } from '../../shared/index.ts'

const events: ReportEvent[] = []
const worker = createWorker(JSON.parse(env.CONFIG), env, { report: (event) => void events.push(event) })

export default {
  fetch(request: Request, bindings: object, context: never): Response | Promise<Response> {
    if (request.method === 'REPORT') return Response.json(events.splice(0))
    return worker.fetch(request, bindings, context)
  },
}
