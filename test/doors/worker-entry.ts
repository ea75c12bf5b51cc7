// The Worker under test: `createWorker` as it is, with the configuration from a variable and its reports kept
// where the test can collect them. The clock can be set forward.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import type { ReportEvent } from '../../shared/index.ts'

const events: ReportEvent[] = []
let ahead = 0
const worker = createWorker(JSON.parse(env.CONFIG), env, {
  report: (event) => void events.push(event),
  now: () => Date.now() + ahead,
})

export default {
  fetch(request: Request, bindings: object, context: never): Response | Promise<Response> {
    if (request.method === 'REPORT') {
      ahead += Number(new URL(request.url).searchParams.get('advance'))
      return Response.json(events.splice(0))
    }
    return worker.fetch(request, bindings, context)
  },
}
