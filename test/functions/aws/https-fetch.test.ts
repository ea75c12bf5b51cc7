// The HTTP client of the Lambda, against real HTTP servers: what arrives, what comes back, and how a request ends.

import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createHttpsFetch } from '../../../functions/aws/https-fetch.ts'
import { fetchBounded, type BoundedRequest } from '../../../shared/platform/bounded-fetch.ts'
import { hang, until } from '../../support/time.ts'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../../support/loopback-certificate.ts'

const ask = createHttpsFetch()
const BOUNDS = { timeoutMs: 400, maxBytes: 1_000 }

const open: Server[] = []
afterEach(async () => {
  for (const server of open.splice(0)) {
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function listen(server: Server): Promise<number> {
  open.push(server)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

const serve = async (listener: RequestListener): Promise<string> =>
  `http://127.0.0.1:${await listen(createServer(listener))}`

const fetchText = (url: string, question: BoundedRequest = {}) => fetchBounded(ask, url, question, BOUNDS)

test('the request arrives, and the answer comes back', async () => {
  const url = await serve(async (request, response) => {
    const { method, url, headers } = request
    const expected = {
      method,
      url,
      accept: headers.accept,
      body: await text(request),
      length: headers['content-length'],
    }
    response.setHeader('content-type', 'application/json; charset=utf-8').setHeader('retry-after', '7')
    response.end(JSON.stringify(expected))
  })
  const answer = await fetchText(`${url}/a?b=c`, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ token: 'a b' }),
  })
  if ('problem' in answer) throw new Error(answer.problem)
  expect(answer).toMatchObject({ status: 200, mediaType: 'application/json' })
  expect(answer.headers.get('Retry-After')).toBe('7')
  expect(answer.headers.get('x-none')).toBeNull()
  expect(JSON.parse(new TextDecoder().decode(answer.bytes))).toEqual({
    method: 'POST',
    url: '/a?b=c',
    accept: 'application/json',
    body: 'token=a+b',
    length: '9',
  })
})

test('a GET has no body, and asks for no content encoding', async () => {
  let seen: unknown
  const url = await serve(({ method, headers }, response) => {
    seen = { method, encoding: headers['accept-encoding'], cookie: headers.cookie, accept: headers.accept }
    response.setHeader('set-cookie', 'a=b').end('{}')
  })
  await fetchText(url, { headers: { accept: 'x/y' } })
  await fetchText(url, { headers: { accept: 'x/y' } })
  expect(seen).toEqual({ method: 'GET', encoding: 'identity', cookie: undefined, accept: 'x/y' })
})

test('a redirect is not followed', async () => {
  let asks = 0
  const url = await serve(
    (_, response) => void (asks++, response.writeHead(302, { location: '/other' }).end()),
  )
  expect(await fetchText(url)).toEqual({ problem: 'redirect', status: 302 })
  expect(asks).toBe(1)
})

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'
const HINTS = 'HTTP/1.1 103 Early Hints\r\n\r\n'

test.each([
  ['does not answer', 'timeout', hang],
  ['answers drop by drop', 'timeout', (response) => void response.write('{', hang)],
  ['answers too much', 'too_large', (response) => void response.end('x'.repeat(1_001))],
  ['breaks off', 'no_answer', (response) => void response.write('{', () => response.socket?.end())],
  ['hangs up', 'no_answer', (response) => void response.destroy()],
  ['switches protocols', 'no_answer', (response) => void response.socket?.write(SWITCHING)],
  ['switches protocols and hangs up', 'no_answer', (response) => void response.socket?.end(SWITCHING)],
  ['announces an answer and hangs up', 'no_answer', (response) => void response.socket?.end(HINTS)],
  ['announces an answer and hangs', 'timeout', (response) => void response.socket?.write(HINTS, hang)],
] satisfies [string, string, (response: Parameters<RequestListener>[1]) => void][])(
  'a server that %s: %s',
  async (_, problem, answer) => {
    const url = await serve((_, response) => answer(response))
    expect(await fetchText(url)).toEqual({ problem })
  },
)

const SPACES = Buffer.alloc(7_000_000, ' ')

test.each([
  ['gzip', 'createGunzip', zlib.gzipSync],
  ['br', 'createBrotliDecompress', zlib.brotliCompressSync],
] as const)(
  'no decoder of %s is left when an answer has been read, or is not read on',
  async (name, create, encode) => {
    const made = vi.spyOn(zlib, create)
    onTestFinished(() => made.mockRestore())
    const bodies = ['{}', SPACES].map((body) => encode(body))
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', name)
      const body = bodies.shift()
      // The server sends only the beginning of this answer.
      if (body === undefined) response.write(encode(SPACES).subarray(0, 8))
      else response.end(body)
    })
    expect(await fetchText(url)).toMatchObject({ status: 200, bytes: { length: 2 } })
    expect(await fetchText(url)).toEqual({ problem: 'too_large' })
    void until(() => made.mock.results.length === 3).then(hang)
    expect(await fetchText(url)).toEqual({ problem: 'timeout' })
    expect(made.mock.results.map(({ value }) => (value as zlib.Gunzip).destroyed)).toEqual([true, true, true])
  },
)

test.each([
  ['gzip', zlib.gzipSync, { status: 200 }],
  ['br', zlib.brotliCompressSync, { problem: 'no_answer' }],
] as const)('bytes behind the end of %s are not waited for', async (name, encode, expected) => {
  let closed = 0
  const encoded = Buffer.concat([encode('{}'), Buffer.alloc(300_000)])
  const url = await serve(({ socket, url }, response) => {
    if (url !== '/encoded') return void response.end('{}')
    socket.once('close', () => closed++)
    response.setHeader('content-encoding', name).end(encoded)
  })
  expect(await fetchText(`${url}/encoded`)).toMatchObject(expected)
  for (let at = 0; at < 50 && closed === 0; at++) await fetchText(url)
  expect(closed).toBe(1)
})

test('an answer of exactly the bound is read', async () => {
  const url = await serve((_, response) => void response.end('x'.repeat(1_000)))
  expect(await fetchText(url)).toMatchObject({ status: 200, bytes: { length: 1_000 } })
})

test('no server listens', async () => {
  const url = await serve(() => {})
  await new Promise((resolve) => open.pop()!.close(resolve))
  expect(await fetchText(url)).toEqual({ problem: 'no_answer' })
})

test.each(['ftp://127.0.0.1/', 'file:///etc/hostname'])('%s is not fetched', async (url) => {
  expect(await fetchText(url)).toEqual({ problem: 'no_answer' })
})

test('a kept-alive connection that the server has closed is replaced by a new one, once', async () => {
  const answered = new Set<unknown>()
  let refused = 0
  const url = await serve(({ socket }, response) => {
    if (answered.has(socket)) return void (refused++, socket.destroy())
    answered.add(socket)
    response.end('{}')
  })
  for (let at = 0; at < 3; at++) expect(await fetchText(url)).toMatchObject({ status: 200 })
  expect(refused).toBe(2)
  expect(answered.size).toBe(3)
})

const SCRIPT = `
  const { createHttpsFetch } = await import(process.argv[1])
  const said = await createHttpsFetch()(process.argv[2], {}).then(({ status }) => status, ({ code }) => code)
  console.log(said)
  process.exit(0)
`

test.each([
  ['is answered where its certificate is trusted', '127.0.0.1', true, '200'],
  ['is not believed where it is not', '127.0.0.1', false, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ['is not believed under another name', 'localhost', true, 'ERR_TLS_CERT_ALTNAME_INVALID'],
])('an https server %s', async (_, host, isTrusted, expected) => {
  const server = createSecureServer({ key: LOOPBACK_KEY, cert: LOOPBACK_CERTIFICATE }, (_, response) =>
    response.end(),
  )
  const port = await listen(server)
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-tls-'))
  try {
    const trusted = join(directory, 'trusted.pem')
    await writeFile(trusted, LOOPBACK_CERTIFICATE)
    const module = new URL('../../../functions/aws/https-fetch.ts', import.meta.url).href
    const script = ['--input-type=module', '--eval', SCRIPT, module, `https://${host}:${port}/`]
    const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
    const { stdout } = await promisify(execFile)(process.execPath, script, {
      env: isTrusted ? { ...env, NODE_EXTRA_CA_CERTS: trusted } : env,
    })
    expect(stdout.trim()).toBe(expected)
  } finally {
    await rm(directory, { recursive: true })
  }
})
