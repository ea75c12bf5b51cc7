// A real origin for the Worker: an HTTP server that keeps what reached it. It answers with the fields it is asked
// for: `x-echo-vary: Cookie` makes it send `vary: Cookie`.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  readonly method: string
  readonly target: string
  /** As on the wire: name, value, name, value... */
  readonly rawHeaders: readonly string[]
  readonly body: string
}

export interface EchoOrigin {
  readonly url: string
  /** Requests that reached the origin, oldest first. */
  readonly seen: SeenRequest[]
  close(): Promise<void>
}

export async function startEchoOrigin(): Promise<EchoOrigin> {
  const seen: SeenRequest[] = []
  const server = createServer({ maxHeaderSize: 65_536 }, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      seen.push({
        method: request.method ?? '',
        target: request.url ?? '',
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks).toString(),
      })
      for (const [name, value] of Object.entries(request.headers))
        if (name.startsWith('x-echo-')) response.setHeader(name.slice('x-echo-'.length), String(value))
      response.end('from the origin')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
