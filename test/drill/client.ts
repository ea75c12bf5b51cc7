// The client of the drill: one request with a token, over kept connections, and what the edge answered. What is no
// answer is told apart from every verdict.

import { Agent, request } from 'node:http'
import type { Edge } from './edges.ts'
import type { Verdict } from './oracle.ts'

export interface DrillClient {
  /** `other`: an answer that is no verdict, or none. */
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
            // An allow is one that has reached what is behind the edge.
            resolve(verdict === 'allow' && !body.includes('"orders"') ? 'other' : verdict)
          })
        },
      )
      outgoing.once('timeout', () => outgoing.destroy())
      // A kept connection that the server has closed meanwhile says nothing about the request.
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
