// Evaluates the Worker artefact of a configuration in workerd, with globals that the test controls: `Date.now`,
// `AbortSignal.timeout` (with STILL_AT, time stands still here as in test/support/still-time.ts), `console.log`, whose
// lines are kept for the test, and `caches`, which only a test about shared keys leaves in place: rows state the number
// of fetches. worker.ts puts the artefact's text beside this file as `evaluateArtefact`.

// @ts-expect-error -- a module of the Workers runtime.
import * as workers from 'cloudflare:workers'
import type { Worker } from '../../../functions/cloudflare/worker.ts'
import { isLogLine, readLogLine } from './log-line.ts'

declare const evaluateArtefact: (require: (name: string) => unknown) => { readonly default: Worker }

const { env } = workers
const lines: string[] = []
let clock: number | null = env.STILL_AT === undefined ? null : Number(env.STILL_AT)
let ahead = 0
let elapsed = 0

const realNow = Date.now
Date.now = () => (clock ?? realNow()) + ahead

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

const realLog = console.log
console.log = (...given: unknown[]) => (isLogLine(given[0]) ? void lines.push(given[0]) : realLog(...given))

const { caches } = globalThis as { caches?: unknown }

function create(isSharingKeys: boolean): Worker {
  Object.defineProperty(globalThis, 'caches', {
    value: isSharingKeys ? caches : undefined,
    configurable: true,
  })
  return evaluateArtefact(() => workers).default
}

let worker = create(false)

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
          worker = create(searchParams.has('cache'))
          lines.length = 0
        }
      }
      return Response.json(searchParams.size === 0 ? lines.splice(0).map(readLogLine) : [])
    }
    return worker.fetch(request, bindings, context)
  },
}
