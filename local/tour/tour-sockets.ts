// The tour of the WebSocket API: handshakes as a browser makes them, with the token among the subprotocols, and one
// message after each successful handshake. The expected status and code of each are written out.

import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { layOut, type Cell } from '../../cli/table.ts'
import type { TourTokens } from './tour-rows.ts'

interface Handshake {
  readonly title: string
  readonly token: Exclude<keyof TourTokens, 'all'> | null
  readonly status: 101 | 401 | 403
  /** The code of the decision. `null`: API Gateway answers without one. */
  readonly code: string | null
}

const HANDSHAKES: readonly Handshake[] = [
  { title: 'access token of a user', token: 'read', status: 101, code: 'access_token' },
  { title: 'no token', token: null, status: 401, code: null },
  { title: "the user's ID token", token: 'idToken', status: 401, code: 'id_token' },
  { title: 'expired', token: 'expired', status: 401, code: 'token_expired' },
]

interface SocketRun {
  readonly webSocketUrl: string | null
  readonly functionCodes: readonly string[]
  readonly tokens: TourTokens
}

interface HandshakeResult {
  readonly status: number
  readonly protocol: string
  /** The answer to the message. */
  readonly reply: string
}

const ANSWER_MS = 10_000
const LOG_WAIT_MS = 2_000

/** Makes one handshake. If it succeeds, sends one message. */
function performHandshake(url: string, protocols: string[]): Promise<HandshakeResult> {
  const socket = new WebSocket(url, protocols, { handshakeTimeout: ANSWER_MS })
  return new Promise<HandshakeResult>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a WebSocket did not answer')), ANSWER_MS)
    const end = (result: HandshakeResult) => {
      clearTimeout(timer)
      resolve(result)
    }
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data) => end({ status: 101, protocol: socket.protocol, reply: String(data) }))
    socket.on('unexpected-response', (_, { statusCode = 0 }) =>
      end({ status: statusCode, protocol: '', reply: '' }),
    )
    socket.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  }).finally(() => socket.terminate())
}

/**
 * Takes the tour of a run that has a WebSocket API, and prints its table. Returns the number of handshakes with a wrong
 * result.
 */
export async function takeSocketTour(run: SocketRun, print: (text: string) => void): Promise<number> {
  let wrongHandshakes = 0
  const rows: (string | Cell)[][] = []
  for (const { title, token, status, code } of HANDSHAKES) {
    const before = run.functionCodes.length
    const result = await performHandshake(
      run.webSocketUrl!,
      token === null ? [] : ['orders.v1', 'bearer', run.tokens[token]],
    )
    for (
      let waited = 0;
      code !== null && run.functionCodes.length === before && waited < LOG_WAIT_MS;
      waited += 5
    )
      await sleep(5)
    const loggedCode = run.functionCodes[before] ?? null
    const isReplyExpected =
      status !== 101 || (result.protocol === 'orders.v1' && result.reply.includes('"subject":"alice"'))
    const isExpected = result.status === status && loggedCode === code && isReplyExpected
    if (!isExpected) wrongHandshakes++
    rows.push([
      title,
      code === null ? 'deny' : `${status === 101 ? 'allow' : 'deny'}  ${code}`,
      `${result.status} ${loggedCode === null ? 'gateway' : ''}`.trim(),
      isExpected ? { text: 'as it should', colour: 'green' } : { text: 'WRONG', colour: 'red' },
    ])
  }
  print(`\n${layOut(['handshake', 'expected', 'WebSocket API', ''], rows)}`)
  return wrongHandshakes
}
