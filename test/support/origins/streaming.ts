// An origin that does what an echo cannot: it answers while it still receives, sends events one by one, serves ranges,
// redirects, compresses, and supports WebSocket (RFC 6455) with one text message each way.

import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { reportRequest, serve } from './serve.ts'

const CONTENT = 'abcdefghijklmnopqrstuvwxyz'

/** A text frame of fewer than 126 bytes, as a server sends it. */
const toFrame = (text: string): Buffer =>
  Buffer.concat([Buffer.from([0x81, Buffer.byteLength(text)]), Buffer.from(text)])

/** The text of one short, masked frame, as a client sends it. */
function fromFrame(frame: Buffer): string {
  const length = frame[1]! & 0x7f
  const mask = frame.subarray(2, 6)
  return Buffer.from(frame.subarray(6, 6 + length).map((byte, index) => byte ^ mask[index % 4]!)).toString()
}

function acceptWebSocket(request: IncomingMessage, socket: Socket): void {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  socket.on('data', (frame: Buffer) => {
    if ((frame[0]! & 0x0f) === 1)
      socket.write(toFrame(`${fromFrame(frame)} for ${request.headers['x-lanekeeper-subject']}`))
    else socket.end()
  })
  socket.on('error', () => {})
}

const streams = new Set<ServerResponse>()

const ANSWERS: Record<string, (request: IncomingMessage, response: ServerResponse) => void> = {
  // Each chunk is sent back as soon as it arrives.
  '/files/upload': (request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    request.pipe(response)
  },
  '/files/events': (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    response.write('data: first\n\n')
    streams.add(response)
  },
  '/files/range': (request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
    if (from === undefined || to === undefined) return void response.writeHead(416).end()
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/26`, etag: '"v1"' })
    response.end(CONTENT.slice(Number(from), Number(to) + 1))
  },
  // Like Express: a request with `no-cache` never gets 304 (RFC 9111 section 5.2.1.4).
  '/files/tagged': (request, response) => {
    const isAsked = request.headers['if-none-match'] === '"v1"'
    const isFresh = isAsked && !/no-cache/.test(request.headers['cache-control'] ?? '')
    response.writeHead(isFresh ? 304 : 200, { etag: '"v1"' }).end(isFresh ? undefined : CONTENT)
  },
  '/files/moved': (_, response) => {
    response.writeHead(307, { location: 'https://elsewhere.example/x?y' }).end()
  },
  '/files/gzip': (_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' })
    response.end(gzipSync(CONTENT))
  },
  '/files/cookies': (_, response) => {
    response.writeHead(200, { 'set-cookie': ['a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'b=2'] }).end()
  },
  '/files/missing': (_, response) => void response.writeHead(404).end('not here'),
  '/files/empty': (_, response) => void response.writeHead(204).end(),
}

const server = createServer(async (request, response) => {
  await reportRequest(request.headers)
  const answer = ANSWERS[(request.url ?? '').split('?')[0]!]
  if (answer === undefined) response.end(`${request.method} ${request.url}`)
  else answer(request, response)
})
server.on('upgrade', async (request: IncomingMessage, socket: Socket) => {
  await reportRequest(request.headers)
  acceptWebSocket(request, socket)
})

await serve(server, (text) => streams.forEach((stream) => stream.write(`data: ${text}\n\n`)))
