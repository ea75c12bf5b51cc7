// The client of the drill: sends one request with a token, over kept-alive connections, and returns the edge's verdict.
// An answer that is not a verdict, and a missing answer, are `other`.

import { Agent, request } from 'node:http'
import type { Edge } from './edges.ts'
import type { Verdict } from './oracle.ts'

export interface DrillClient {
  /** `other`: an answer that is not a verdict, or no answer. */
  send(edge: Edge, token: string): Promise<Verdict | 'other'>
  close(): void
}

const TIMEOUT_MS = 30_000

export function createClient(): DrillClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 512, maxFreeSockets: 64 })

  const once = (edge: Edge, token: string): Promise<Verdict | 'other' | 'again'> =>
    new Promise((resolve) => {
      const outgoing = request(
        `${edge.url}/orders`,
        { agent, timeout: TIMEOUT_MS, headers: { authorization: `Bearer ${token}` } },
        (answer) => {
          let body = ''
          answer.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
          answer.once('error', () => resolve('other'))
          answer.once('end', () => {
            const verdict = edge.verdicts[answer.statusCode ?? 0] ?? 'other'
            // A request counts as allowed if it has reached the origin or function behind the edge.
            resolve(verdict === 'allow' && !body.includes('"orders"') ? 'other' : verdict)
          })
        },
      )
      outgoing.once('timeout', () => outgoing.destroy())
      // The server had closed the kept-alive connection; that says nothing about the request, so it is sent again.
      outgoing.once('error', (error: NodeJS.ErrnoException) =>
        resolve(outgoing.reusedSocket && error.code === 'ECONNRESET' ? 'again' : 'other'),
      )
      outgoing.end()
    })

  return {
    async send(edge, token) {
      const first = await once(edge, token)
      const last = first === 'again' ? await once(edge, token) : first
      return last === 'again' ? 'other' : last
    },
    close: () => agent.destroy(),
  }
}
