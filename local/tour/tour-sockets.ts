// The tour of the WebSocket API: handshakes as a browser makes them, with the token among the subprotocols, and one
// message after each that is let through. What every one must answer is written out here.

import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { layOut, type Cell } from '../../cli/table.ts'
import type { TourTokens } from './tour-rows.ts'

interface Handshake {
  readonly sent: string
  readonly token: Exclude<keyof TourTokens, 'all'> | null
  readonly status: 101 | 401 | 403
  /** Of the decision; `null`: the gateway answers for itself. */
  readonly code: string | null
}

const HANDSHAKES: readonly Handshake[] = [
  { sent: 'access token of a user', token: 'read', status: 101, code: 'access_token' },
  { sent: 'no token', token: null, status: 401, code: null },
  { sent: "the user's ID token", token: 'idToken', status: 401, code: 'id_token' },
  { sent: 'expired', token: 'expired', status: 401, code: 'token_expired' },
]

interface SocketRun {
  readonly webSocketUrl: string | null
  readonly functionCodes: readonly string[]
  readonly tokens: TourTokens
}

interface Seen {
  readonly status: number
  readonly protocol: string
  /** What came back to one message. */
  readonly said: string
}

const ANSWER_MS = 10_000
const LOG_WAIT_MS = 2_000

/** One handshake, and where it succeeds one message. */
function shake(url: string, protocols: string[]): Promise<Seen> {
  const socket = new WebSocket(url, protocols, { handshakeTimeout: ANSWER_MS })
  return new Promise<Seen>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('a WebSocket did not answer')), ANSWER_MS)
    const end = (seen: Seen) => {
      clearTimeout(timer)
      resolve(seen)
    }
    socket.on('open', () => socket.send('hello'))
    socket.on('message', (data) => end({ status: 101, protocol: socket.protocol, said: String(data) }))
    socket.on('unexpected-response', (_, { statusCode = 0 }) =>
      end({ status: statusCode, protocol: '', said: '' }),
    )
    socket.on('error', (error) => {
      clearTimeout(timer)
      reject(error)
    })
  }).finally(() => socket.terminate())
}

/** Takes the tour of a run that has a WebSocket API, and prints its table. Returns the number of handshakes that came out wrong. */
export async function takeSocketTour(run: SocketRun, print: (text: string) => void): Promise<number> {
  let wrong = 0
  const rows: (string | Cell)[][] = []
  for (const { sent, token, status, code } of HANDSHAKES) {
    const before = run.functionCodes.length
    const seen = await shake(
      run.webSocketUrl!,
      token === null ? [] : ['orders.v1', 'bearer', run.tokens[token]],
    )
    for (
      let waited = 0;
      code !== null && run.functionCodes.length === before && waited < LOG_WAIT_MS;
      waited += 5
    )
      await sleep(5)
    const decided = run.functionCodes[before] ?? null
    const isTold =
      status !== 101 || (seen.protocol === 'orders.v1' && seen.said.includes('"subject":"alice"'))
    const right = seen.status === status && decided === code && isTold
    if (!right) wrong++
    rows.push([
      sent,
      code === null ? 'deny' : `${status === 101 ? 'allow' : 'deny'}  ${code}`,
      `${seen.status} ${decided === null ? 'gateway' : ''}`.trim(),
      right ? { text: 'as it should', colour: 'green' } : { text: 'WRONG', colour: 'red' },
    ])
  }
  print(`\n${layOut(['handshake', 'should be', 'WebSocket API', ''], rows)}`)
  return wrong
}
