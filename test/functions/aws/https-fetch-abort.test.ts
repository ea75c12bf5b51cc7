// How a request of the Lambda's client ends before its time: by the signal alone, without the bounds of the core, and by
// a reader that reads no further. The server sees that the connection is closed. Real sockets.

import { randomBytes } from 'node:crypto'
import { getEventListeners, once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { createHttpsFetch } from '../../../functions/aws/https-fetch.ts'
import type { HttpAnswer } from '../../../shared/index.ts'

const ask = createHttpsFetch()

const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

async function listen(server: Server): Promise<number> {
  const sockets: Socket[] = []
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => {})))
  closers.push(() => (sockets.forEach((socket) => socket.destroy()), server.close()))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

const serve = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}/`

type Reader = ReturnType<NonNullable<HttpAnswer['body']>['getReader']>

/** How many bytes are left. */
async function drain(reader: Reader): Promise<number> {
  for (let length = 0; ;) {
    const { value } = await reader.read()
    if (value === undefined) return length
    length += value.byteLength
  }
}

const read = ({ body }: HttpAnswer): Promise<number> => drain(body!.getReader())

const REASON = new Error('nobody waits any more')
function abortable() {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort(REASON) }
}

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length

test('aborted after the answer has been read: the connection is kept, and no listener is left', async () => {
  const sockets = new Set<Socket>()
  const url = await serve(({ socket }, response) => (sockets.add(socket), void response.end('{}')))
  const { signal, abort } = abortable()
  expect(await read(await ask(url, { signal }))).toBe(2)
  expect(listeners(signal)).toBe(0)
  abort()
  expect(await read(await ask(url, { signal: abortable().signal }))).toBe(2)
  expect(sockets.size).toBe(1)
})

test('aborted before: the reason, and nothing is sent', async () => {
  let connections = 0
  const server = createServer((_, response) => void response.end('{}'))
  const url = `http://127.0.0.1:${await listen(server.on('connection', () => connections++))}/`
  await expect(ask(url, { signal: AbortSignal.abort(REASON) })).rejects.toBe(REASON)
  expect((await ask(url, {})).status).toBe(200)
  expect(connections).toBe(1)
})

test('aborted before the answer: the reason, and the connection is closed', async () => {
  const { signal, abort } = abortable()
  const closed = Promise.withResolvers<void>()
  const url = await serve(({ socket }) => (socket.once('close', () => closed.resolve()), abort()))
  await expect(ask(url, { signal })).rejects.toBe(REASON)
  await closed.promise
  expect(listeners(signal)).toBe(0)
})

test('aborted before TLS is set up: the reason, and the connection is closed', async () => {
  const { signal, abort } = abortable()
  const closed = Promise.withResolvers<void>()
  const server = createTcpServer((socket) => {
    socket.on('close', () => closed.resolve()).once('data', abort)
  })
  await expect(ask(`https://127.0.0.1:${await listen(server)}/`, { signal })).rejects.toBe(REASON)
  await closed.promise
})

test('aborted on a kept connection: the request is not sent again', async () => {
  const { signal, abort } = abortable()
  let asked = 0
  const url = await serve((_, response) => (++asked === 1 ? void response.end('{}') : abort()))
  expect(await read(await ask(url, {}))).toBe(2)
  await expect(ask(url, { signal })).rejects.toBe(REASON)
  await read(await ask(await serve((_, response) => void response.end()), {}))
  expect(asked).toBe(2)
})

const NOISE = randomBytes(100_000)

test.each([
  ['as it is', 'identity', NOISE],
  ['in gzip', 'gzip', gzipSync(NOISE)],
  ['in br', 'br', brotliCompressSync(NOISE)],
])('aborted in the middle of a body %s: the reason, and the connection is closed', async (_, name, body) => {
  const { signal, abort } = abortable()
  const closed = Promise.withResolvers<void>()
  const url = await serve(({ socket }, response) => {
    socket.once('close', () => closed.resolve())
    response.setHeader('content-encoding', name).write(body.subarray(0, 90_000))
  })
  const reader = (await ask(url, { signal })).body!.getReader()
  expect((await reader.read()).value!.byteLength).toBeGreaterThan(0)
  const rest = drain(reader)
  abort()
  await expect(rest).rejects.toBe(REASON)
  await expect(reader.read()).rejects.toBe(REASON)
  await closed.promise
  expect(listeners(signal)).toBe(0)
})

test('cancelled while a read waits: the read rejects, and the connection is closed', async () => {
  const closed = Promise.withResolvers<void>()
  const url = await serve(({ socket }, response) => {
    socket.once('close', () => closed.resolve())
    response.flushHeaders()
  })
  const reader = (await ask(url, {})).body!.getReader()
  const read = reader.read()
  await reader.cancel()
  await expect(read).rejects.toThrow()
  await closed.promise
})

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n'

test.each([
  ['is complete', `${HEAD}good`, 4],
  ['ends early', `${HEAD}goo`, 'ECONNRESET'],
  ['ends before it begins', HEAD, 'ECONNRESET'],
])('a body that %s', async (_, sent, expected) => {
  const server = createTcpServer((socket) => void socket.once('data', () => socket.end(sent)))
  const answer = await ask(`http://127.0.0.1:${await listen(server)}/`, {})
  expect(await read(answer).catch(({ code }) => code)).toBe(expected)
})

const LARGE = Buffer.alloc(64_000_000)

test('a body is taken from the server no faster than it is read; what is not read is not sent', async () => {
  let socket: Socket | undefined
  const closed = Promise.withResolvers<void>()
  const url = await serve((request, response) => {
    if (request.url !== '/large') return void response.end('{}')
    socket = request.socket.once('close', () => closed.resolve())
    for (let at = 0; at < LARGE.length; at += 64_000) response.write(LARGE.subarray(at, at + 64_000))
    response.end()
  })
  const reader = (await ask(`${url}large`, {})).body!.getReader()
  expect((await reader.read()).value!.byteLength).toBeLessThan(1_000_000)
  // Other requests are answered meanwhile, until nothing of this body has been sent during fifty of them.
  const waiting = () => socket!.writableLength
  for (let still = 0, before = 0; still < 50 && waiting() > 0; before = waiting()) {
    await read(await ask(url, {}))
    still = waiting() === before ? still + 1 : 0
  }
  expect(waiting()).toBeGreaterThan(0)
  await reader.cancel()
  await expect(reader.read()).rejects.toThrow()
  await closed.promise
})

test('a large body is read to its end', async () => {
  const url = await serve((_, response) => void response.end(LARGE.subarray(0, 4_000_000)))
  expect(await read(await ask(url, {}))).toBe(4_000_000)
})
