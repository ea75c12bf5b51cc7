// A real origin for the Worker: an HTTP server in a process of its own, one of those in origins/. The test knows each
// request that reaches it before the origin answers.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import type { SeenRequest } from './origins/echo.ts'
import type { OriginMessage, TestMessage } from './origins/serve.ts'

export type { SeenRequest }

export interface Origin<Seen> {
  readonly url: string
  /** The requests that reached the origin, oldest first. */
  readonly seen: Seen[]
  close(): Promise<void>
}

export interface StreamingOrigin extends Origin<IncomingHttpHeaders> {
  /** Sends one more event to every open event stream. */
  emit(text: string): void
}

async function startOrigin<Seen>(module: string): Promise<Origin<Seen> & Pick<StreamingOrigin, 'emit'>> {
  const child = fork(new URL(`./origins/${module}.ts`, import.meta.url), { execArgv: [] })
  const say = (message: TestMessage): void => void child.send(message)
  const seen: Seen[] = []
  const ended = once(child, 'exit')
  const url = await new Promise<string>((resolve, reject) => {
    void ended.then(([code]) => reject(new Error(`the origin ended with ${code} before it served`)))
    child.on('message', (message: OriginMessage) => {
      if ('url' in message) return resolve(message.url)
      seen.push(message.seen as Seen)
      say({ heard: message.id })
    })
  })
  return {
    url,
    seen,
    emit: (text) => say({ emit: text }),
    async close() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** It answers with the fields that the request asks for: see origins/echo.ts. */
export const startEchoOrigin = (): Promise<Origin<SeenRequest>> => startOrigin('echo')

/** It streams, in several ways: see origins/streaming.ts. */
export const startStreamingOrigin = (): Promise<StreamingOrigin> => startOrigin('streaming')
