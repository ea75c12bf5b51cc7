// A client that costs little: plain kept-alive sockets with one request in flight on each. Of an answer it reads only
// the status and the length. For servers that send `content-length` or chunks, as workerd does.

import { connect, type Socket } from 'node:net'

export interface SoakClient {
  /** Status of the answer. `proof`: of DPoP. */
  send(authorization: string, proof?: string): Promise<number>
  close(): void
}

/**
 * One kept-alive connection. `send` must not be called again before it has settled. `host`: default that of the origin.
 */
export async function openSoakClient(origin: string, host = new URL(origin).host): Promise<SoakClient> {
  const { hostname, port } = new URL(origin)
  let received = ''
  let settle: { resolve: (status: number) => void; reject: (error: Error) => void } | null = null

  function finish(length: number): void {
    const status = Number(received.slice(9, 12))
    received = received.slice(length)
    settle?.resolve(status)
    settle = null
  }

  function read(): void {
    const headEnds = received.indexOf('\r\n\r\n')
    if (headEnds < 0) return
    const head = received.slice(0, headEnds).toLowerCase()
    const [, length] = /\r\ncontent-length: (\d+)/.exec(head) ?? []
    if (length !== undefined) {
      const whole = headEnds + 4 + Number(length)
      if (received.length >= whole) finish(whole)
    } else if (received.endsWith('0\r\n\r\n')) finish(received.length)
  }

  const socket: Socket = connect(Number(port), hostname)
  socket.setNoDelay(true).setEncoding('latin1')
  socket.on('data', (chunk: string) => {
    received += chunk
    read()
  })
  const fail = () => settle?.reject(new Error('the Worker closed the connection'))
  socket.on('error', fail).on('close', fail)
  return {
    send: (authorization, proof) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject }
        const dpop = proof === undefined ? '' : `dpop: ${proof}\r\n`
        socket.write(
          `GET /orders HTTP/1.1\r\nhost: ${host}\r\nauthorization: ${authorization}\r\n${dpop}\r\n`,
        )
      }),
    close: () => void socket.destroy(),
  }
}
