// The Worker under test: the unmodified `createWorker`, with the configuration from a variable, its reports kept for
// the test, a clock that the test can set or move forward, and a way to start again without keys. With STILL_AT, time
// stands still here as it does in the test (test/support/still-time.ts).
// The test can also start it from a plan that has bundled keys.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { CLOUDFLARE_EDGE } from '../../functions/cloudflare/compile.ts'
import { createWorkerFor } from '../../functions/cloudflare/create-worker.ts'
import { createWorkerPorts, type WorkerOptions } from '../../functions/cloudflare/worker-ports.ts'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import { ALL_FETCH_PARTS } from '../../functions/fetch/all-parts.ts'
import { compileFor } from '../../shared/compiler.ts'
import { stampOf } from '../../shared/edge.ts'
import { webCrypto, type ReportEvent } from '../../shared/index.ts'
import { assembleBundled } from '../support/bundled-authorizer.ts'

const events: ReportEvent[] = []
let clock: number | null = env.STILL_AT === undefined ? null : Number(env.STILL_AT)
let ahead = 0
let elapsed = 0
/** `bundledKeys` of the plan, as JSON. */
let bundledKeys: string | null = null

/** In workerd no request may abort the signal of another one, so each signal polls for the end of its own time. */
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

function createFromPlan(bundledKeys: string, options: WorkerOptions) {
  const { plan } = compileFor(CLOUDFLARE_EDGE, JSON.parse(env.CONFIG), { stage: '', env })
  const ports = createWorkerPorts(env, options, stampOf(plan))
  const withKeys = { ...plan, bundledKeys: JSON.parse(bundledKeys) }
  const authorizer = assembleBundled(withKeys, 'cloudflare', { ...ports, crypto: webCrypto }, env)
  return createWorkerFor(authorizer as never, ports, env, ALL_FETCH_PARTS)
}

/** Without the cache between isolates, unless the test is about it: rows state the number of fetches. */
function create(keyCache?: null) {
  const options = {
    ...(keyCache === null ? { keyCache } : {}),
    report: (event: ReportEvent) => void events.push(event),
    now,
  }
  return bundledKeys === null
    ? createWorker(JSON.parse(env.CONFIG), env, options)
    : createFromPlan(bundledKeys, options)
}

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
          bundledKeys = searchParams.get('bundled')
          worker = create(searchParams.has('cache') ? undefined : null)
          events.length = 0
        }
      }
      return Response.json(searchParams.size === 0 ? events.splice(0) : [])
    }
    return worker.fetch(request, bindings, context)
  },
}
