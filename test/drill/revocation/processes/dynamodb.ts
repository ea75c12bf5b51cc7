// DynamoDB for the drills: dynalite in a process of its own, behind a server that can refuse connections or answer
// late. The message `{ delayMs }` sets how late, and `{ delayMs: null }` makes it refuse; a line says when that is
// done.

import dynalite from 'dynalite'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveParent } from '../../../../local/processes/serve-parent.ts'
import { clientFor, createReplayTable, createRevocationTable } from '../../../support/dynalite.ts'

const CREATE = { revocations: createRevocationTable, replays: createReplayTable } as const

export interface DynamoDbOptions {
  readonly table: string
  /** What the table is for. */
  readonly kind: keyof typeof CREATE
}

export interface DynamoDbReady {
  readonly endpoint: string
}

/** The line after a message. */
export const DONE = 'the drill: done'

serveParent(async ({ table, kind }: DynamoDbOptions) => {
  const [answer] = dynalite({ createTableMs: 0 }).listeners('request') as [RequestListener]
  let delayMs = 0
  const server = createServer((request, response) => {
    if (delayMs === 0) answer(request, response)
    else setTimeout(() => answer(request, response), delayMs)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const endpoint = `http://127.0.0.1:${port}`
  const client = clientFor(endpoint)
  await CREATE[kind](client, table)
  client.destroy()

  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })

  async function set(next: number | null): Promise<void> {
    if (next === null) await stop()
    else if (!server.listening) await once(server.listen(port, '127.0.0.1'), 'listening')
    delayMs = next ?? 0
    console.log(DONE)
  }

  return {
    ready: { endpoint } satisfies DynamoDbReady,
    onMessage: (message) => void set((JSON.parse(String(message)) as { delayMs: number | null }).delayMs),
    close: stop,
  }
})
