// The Worker under test: `createWorker` as it is, with the configuration from a variable, its reports kept where
// the test can collect them, a clock that the test can set or put forward, and a way to begin again without any keys.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import type { ReportEvent } from '../../shared/index.ts'

const events: ReportEvent[] = []
let clock: number | null = null
let ahead = 0
/** Without the cache between isolates, unless it is what the test is about: rows state what is fetched. */
const create = (keyCache?: null) =>
  createWorker(JSON.parse(env.CONFIG), env, {
    ...(keyCache === null ? { keyCache } : {}),
    report: (event) => void events.push(event),
    now: () => clock ?? Date.now() + ahead,
  })
let worker = create(null)

export default {
  fetch(request: Request, bindings: object, context: never): Response | Promise<Response> {
    if (request.method === 'REPORT') {
      const { searchParams } = new URL(request.url)
      ahead += Number(searchParams.get('advance'))
      const now = searchParams.get('now')
      if (now !== null) {
        clock = Number(now)
        if (searchParams.has('anew')) worker = create(searchParams.has('cache') ? undefined : null)
      }
      return Response.json(events.splice(0))
    }
    return worker.fetch(request, bindings, context)
  },
}
