// The Lambda artefact whose memory is measured, unchanged, in a process of its own: it makes its proofs, calls the
// handler with the event of an HTTP API for each, and prints the number of wrong answers and the memory in use after a
// collection.

import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AuthorizerEvent } from '../../../../functions/aws/event.ts'
import type { AuthorizerHandler } from '../../../../functions/aws/handler.ts'
import { serveParent } from '../../../../local/processes/serve-parent.ts'
import { TO_EVENT } from '../../../edges/events.ts'
import { isLogLine, readLogLine } from '../../../support/artefact/log-line.ts'
import { createTokens } from '../clients.ts'
import { PLAIN } from '../config.ts'
import { createFlatRequests, runFlat, type Clients, type FlatRequest } from '../flat-load.ts'

export interface FlatLambdaOptions {
  /** The path of its `authorizer.mjs`. */
  readonly artefact: string
  readonly issuer: string
  readonly privateJwk: object
  readonly lanes: number
  readonly parts: readonly { readonly clients: Clients; readonly count: number; readonly samples: number }[]
}

export interface FlatLambdaLine {
  readonly clients: Clients
  readonly proofs: number
  readonly wrong: number
  readonly heap: number
  /** Beyond what they took at the start. */
  readonly arrays: number
  readonly resident: number
  readonly seconds: number
  readonly full: number
  readonly dropped: number
  readonly isTenth: boolean
  /** Of the last part. */
  readonly isLast: boolean
}

setFlagsFromString('--expose-gc')
const gc = runInNewContext('gc') as () => void

/** A second collection frees the typed arrays that the first one found dead. */
function collect(): void {
  gc()
  gc()
}

/** Counts one event and drops the lines of the log, so that the edge alone is measured. */
const counted = { full: 0, dropped: 0 }
const { log } = console
console.log = (line: string) => {
  if (!isLogLine(line)) return log(line)
  if (!line.includes('"replay_memory_full"')) return
  const event = readLogLine(line)
  if (event.event !== 'replay' || event.outcome !== 'full') return
  counted.full++
  counted.dropped += event.dropped ?? 0
}

serveParent(async ({ artefact, issuer, privateJwk, lanes, parts }: FlatLambdaOptions) => {
  const { handler } = (await import(pathToFileURL(artefact).href)) as { readonly handler: AuthorizerHandler }
  const issue = createTokens(issuer, privateJwk)

  async function send({ authorization, proof }: FlatRequest): Promise<boolean | null> {
    const event = TO_EVENT.http_2({ ...PLAIN, authorization: [authorization], fields: [['DPoP', proof]] })
    const answer = await handler(event as unknown as AuthorizerEvent).catch(() => null)
    return answer !== null && 'isAuthorized' in answer ? answer.isAuthorized : null
  }

  function arrays(): number {
    collect()
    return process.memoryUsage().arrayBuffers
  }

  async function run(): Promise<void> {
    const before = arrays()
    for (const [index, { clients, count, samples }] of parts.entries()) {
      const startedAt = performance.now()
      let taken = 0
      const say = (proofs: number, wrong: number, isTenth: boolean, isLast: boolean) => {
        collect()
        const { heapUsed, arrayBuffers, rss } = process.memoryUsage()
        const line: FlatLambdaLine = {
          ...{ clients, proofs, wrong, heap: heapUsed, arrays: arrayBuffers - before, resident: rss },
          ...{ seconds: (performance.now() - startedAt) / 1000, ...counted, isTenth, isLast },
        }
        log(JSON.stringify(line))
      }
      const wrong = await runFlat({
        ...{ next: createFlatRequests(issue, clients), count },
        senders: Array.from({ length: lanes }, () => send),
        async onProof(proofs) {
          // No call awaits I/O, so the event loop must run here for the process to notice the end of its parent.
          await setImmediate()
          if (taken === samples || proofs < ((taken + 1) * count) / samples) return
          taken++
          say(proofs, 0, taken % (samples / 10) === 0, false)
        },
      })
      say(count, wrong, false, index === parts.length - 1)
    }
  }
  void run()
  return { ready: {}, close: async () => {} }
})
