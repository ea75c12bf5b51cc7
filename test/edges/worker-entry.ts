// The Worker under test: `createWorker` as it is, with the configuration from a variable, its reports kept where
// the test can collect them, a clock that the test can set or put forward, and a way to begin again without any keys. With
// STILL_AT, time stands still there as it does around the test (test/support/still-time.ts).

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import type { ReportEvent } from '../../shared/index.ts'

const events: ReportEvent[] = []
let clock: number | null = env.STILL_AT === undefined ? null : Number(env.STILL_AT)
let ahead = 0
let elapsed = 0

/** workerd lets a request abort no signal of another one, so each looks for itself whether its time has come. */
function heldTimeout(ms: number): AbortSignal {
  const controller = new AbortController()
  const due = elapsed + ms
  const look = () => {
    if (elapsed < due) setTimeout(look, 5)
    else controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
  }
  setTimeout(look, 5)
  return controller.signal
}

if (env.STILL_AT !== undefined) AbortSignal.timeout = heldTimeout

const now = () => (clock ?? Date.now()) + ahead

/** Without the cache between isolates, unless it is what the test is about: rows state what is fetched. */
const create = (keyCache?: null) =>
  createWorker(JSON.parse(env.CONFIG), env, {
    ...(keyCache === null ? { keyCache } : {}),
    report: (event) => void events.push(event),
    now,
  })
let worker = create(null)

export default {
  fetch(request: Request, bindings: object, context: never): Response | Promise<Response> {
    if (request.method === 'REPORT') {
      const { searchParams } = new URL(request.url)
      elapsed += Number(searchParams.get('elapse'))
      ahead += Number(searchParams.get('advance'))
      const given = searchParams.get('now')
      if (given !== null) {
        clock = Number(given)
        ahead = 0
        if (searchParams.has('anew')) {
          worker = create(searchParams.has('cache') ? undefined : null)
          events.length = 0
        }
      }
      return Response.json(searchParams.size === 0 ? events.splice(0) : [])
    }
    return worker.fetch(request, bindings, context)
  },
}
