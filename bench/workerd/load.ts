// A client that costs little: prepared requests over kept-alive connections, one at a time on each; it reads an answer
// only to find its end. Its cost is the same for every Worker.

import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Load {
  readonly perSecond: number
  /** Milliseconds from the first byte of a request to the last byte of its answer, one entry for each request. */
  readonly latencies: readonly number[]
}

const HEAD_END = '\r\n\r\n'

/** The length of the first answer in `text`; `null` while that answer is incomplete. */
function answerLength(text: string): number | null {
  const end = text.indexOf(HEAD_END)
  if (end < 0) return null
  const head = text.slice(0, end).toLowerCase()
  const length = /\r\ncontent-length: *(\d+)/.exec(head)
  if (length !== null) {
    const total = end + HEAD_END.length + Number(length[1])
    return text.length >= total ? total : null
  }
  const last = text.indexOf('\r\n0\r\n\r\n', end)
  return last < 0 ? null : last + '\r\n0\r\n\r\n'.length
}

/** The request as it goes over the wire, with the header fields of a browser or a service. */
export const toRequest = (path: string, authorization: string): Buffer =>
  Buffer.from(
    [
      `GET ${path} HTTP/1.1`,
      'Host: api.example.com',
      'Accept: application/json, text/plain, */*',
      'Accept-Encoding: gzip, deflate, br',
      'Accept-Language: en-GB,en;q=0.9',
      'User-Agent: orders-web/4.2 (bench)',
      'X-Request-Id: 3f0f3d4e-6c2a-4d0c-9d5f-0a1b2c3d4e5f',
      `Authorization: ${authorization}`,
      '',
      '',
    ].join('\r\n'),
  )

/** Sends every request once, over `connections` connections. Rejects if an answer has another status. */
export async function load(
  port: number,
  requests: readonly Buffer[],
  connections: number,
  status = 200,
): Promise<Load> {
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect({ host: '127.0.0.1', port, noDelay: true })
      await once(socket, 'connect')
      return socket.setEncoding('latin1')
    }),
  )
  const latencies: number[] = []
  const expected = `HTTP/1.1 ${status} `
  let next = 0

  const drive = (socket: Socket): Promise<void> =>
    new Promise((resolve, reject) => {
      let received = ''
      let sentAt = 0
      const send = (): void => {
        const request = requests[next++]
        if (request === undefined) return resolve()
        sentAt = performance.now()
        socket.write(request)
      }
      socket.on('data', (chunk: string) => {
        received = received === '' ? chunk : received + chunk
        const length = answerLength(received)
        if (length === null) return
        if (!received.startsWith(expected))
          return reject(new Error(`expected ${expected.trim()}, got ${received.slice(0, 300)}`))
        latencies.push(performance.now() - sentAt)
        received = received.slice(length)
        send()
      })
      socket.once('error', reject)
      socket.once('close', () => reject(new Error('the Worker closed the connection')))
      send()
    })

  const startedAt = performance.now()
  try {
    await Promise.all(sockets.map(drive))
    return { perSecond: (requests.length * 1000) / (performance.now() - startedAt), latencies }
  } finally {
    for (const socket of sockets)
      socket
        .removeAllListeners('close')
        .on('error', () => {})
        .destroy()
  }
}
