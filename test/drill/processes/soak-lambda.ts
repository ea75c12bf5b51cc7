// The Lambda artefact of the soak, unchanged, in a process of its own: it makes its tokens, calls the handler with the
// event of an HTTP API for each, and prints the number of wrong answers and the memory in use after a collection.

import { setImmediate } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { AuthorizerEvent } from '../../../functions/aws/event.ts'
import type { AuthorizerHandler } from '../../../functions/aws/handler.ts'
import { serveParent } from '../../../local/processes/serve-parent.ts'
import { isLogLine } from '../../support/artefact/log-line.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { createSoakTokens } from '../soak-tokens.ts'

export interface SoakLambdaOptions {
  /** The path of its `authorizer.mjs`. */
  readonly artefact: string
  readonly issuer: string
  readonly privateJwk: object
  /** Valid tokens to send. */
  readonly tokens: number
  readonly samples: number
}

export interface SoakLambdaLine {
  readonly tokens: number
  readonly wrong: number
  readonly bytes: number
  readonly resident: number
}

const AT_ONCE = 16

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Drops the lines of the log, so that the edge alone is measured. */
const { log } = console
console.log = (line: string) => isLogLine(line) || log(line)

serveParent(async ({ artefact, issuer, privateJwk, tokens, samples }: SoakLambdaOptions) => {
  const next = createSoakTokens(issuer, privateJwk)
  const { handler } = (await import(pathToFileURL(artefact).href)) as { readonly handler: AuthorizerHandler }
  let valid = 0
  let wrong = 0

  async function sendOne(): Promise<void> {
    const token = next()
    if (token.valid) valid++
    const event = TO_EVENT.http_2({
      method: 'GET',
      path: '/orders',
      authorization: [`Bearer ${token.text}`],
    })
    const answer = await handler(event as unknown as AuthorizerEvent).catch(() => null)
    const allowed = answer !== null && 'isAuthorized' in answer && answer.isAuthorized === true
    if (answer === null || allowed !== token.valid) wrong++
  }

  function say(): void {
    collect()
    const { heapUsed, rss } = process.memoryUsage()
    console.log(
      JSON.stringify({ tokens: valid, wrong, bytes: heapUsed, resident: rss } satisfies SoakLambdaLine),
    )
  }

  async function soak(): Promise<void> {
    for (let sample = 1; sample <= samples; sample++) {
      const until = Math.round((tokens * sample) / samples)
      while (valid < until) {
        await Promise.all(Array.from({ length: AT_ONCE }, sendOne))
        // No call awaits I/O, so the event loop must run here for the process to notice the end of its parent.
        await setImmediate()
      }
      say()
    }
  }
  void soak()
  return { ready: {}, close: async () => {} }
})
