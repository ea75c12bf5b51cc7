// What passes through the Worker in workerd to a real origin and back, unchanged: bodies in full, events as they
// happen, WebSocket, ranges, redirects, compression, cookies; to a URL, to the Worker's own zone, and over a service
// binding to another Worker in workerd in front of the same origin.

import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OriginConfig } from '../../../shared/index.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { startStreamingOrigin, type StreamingOrigin } from '../../support/origin-process.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

const PLACES = ['url', 'sameZone', 'binding'] as const

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

/**
 * The Worker behind the binding: it sends everything on unchanged, and adds header fields that say so and name the
 * query that it got.
 */
const boundWorker = (origin: string) => `
export default {
  fetch(request) {
    const target = request.url.replace(/^https?:\\/\\/[^/?]*/, '')
    const on = new Request('${origin}' + target, request)
    on.headers.set('x-came-through', 'the binding')
    on.headers.set('x-came-with', encodeURIComponent(target))
    return fetch(on)
  }
}`

let world: CaseWorld
let origin: StreamingOrigin
let edges: Record<(typeof PLACES)[number], WorkerEdge>
let bearer: string

beforeAll(async () => {
  ;[world, origin] = await Promise.all([startCaseWorld(), startStreamingOrigin()])
  bearer = `Bearer ${await world.main.token()}`
  const files = { path: '/files/{path+}', methods: METHODS, scope: { allOf: ['read'] } }
  const routes = [...world.config.routes.filter(({ path }) => path !== files.path), files]
  const open = (place: OriginConfig) =>
    openWorkerEdge({ ...world.config, routes, origin: place }, world.env, 0, {
      ORDERS: boundWorker(origin.url),
    })
  const [url, sameZone, binding] = await Promise.all([
    open({ url: origin.url }),
    open({ sameZone: true }),
    open({ binding: 'ORDERS' }),
  ])
  edges = { url, sameZone, binding }
})

afterAll(async () => {
  await origin.close()
  await Promise.all([world, ...Object.values(edges)].map((started) => started.close()))
})

describe.each(PLACES)('to an origin that is %s', (place) => {
  /** On its own zone, the Worker finds the origin by the client's Host field. */
  const start = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
    httpRequest(`${edges[place].url}${path}`, {
      agent: false,
      method,
      headers: { host: new URL(origin.url).host, authorization: bearer, ...headers },
    })
  const answerTo = async (sent: ReturnType<typeof start>) =>
    (await once(sent, 'response'))[0] as IncomingMessage
  const ask = async (path: string, headers?: Record<string, string>) => {
    const response = await answerTo(start(path, 'GET', headers).end())
    return { response, body: Buffer.concat(await response.toArray()) }
  }

  test('a body goes on piece by piece, and so does the answer', async () => {
    const sent = start('/files/upload', 'POST', { 'content-type': 'text/plain' })
    sent.write('one')
    const response = await answerTo(sent)
    const pieces = response[Symbol.asyncIterator]()
    expect(String((await pieces.next()).value)).toBe('one')
    sent.write('two')
    expect(String((await pieces.next()).value)).toBe('two')
    sent.end()
    expect((await pieces.next()).done).toBe(true)
  })

  test.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'])('%s arrives as it is', async (method) => {
    const body = method === 'HEAD' ? '' : 'x'
    const response = await answerTo(
      start('/files/a?b=%2F', method, body === '' ? {} : { 'content-length': '1' }).end(body),
    )
    const text = Buffer.concat(await response.toArray()).toString()
    expect([response.statusCode, text]).toEqual([200, method === 'HEAD' ? '' : `${method} /files/a?b=%2F`])
  })

  test.each(['', 'x'])('a GET with a body of %j arrives with it', async (content) => {
    const headers = { 'content-length': String(content.length) }
    const response = await answerTo(start('/files/upload', 'GET', headers).end(content))
    const text = Buffer.concat(await response.toArray()).toString()
    expect([response.statusCode, text]).toEqual([200, content])
  })

  test('events arrive as they happen', async () => {
    const response = await answerTo(start('/files/events').end())
    expect(response.headers['content-type']).toBe('text/event-stream')
    const pieces = response[Symbol.asyncIterator]()
    expect(String((await pieces.next()).value)).toBe('data: first\n\n')
    origin.emit('second')
    expect(String((await pieces.next()).value)).toBe('data: second\n\n')
    response.destroy()
  })

  test('a WebSocket is opened for the caller, and refused to others', async () => {
    const upgrade = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    }
    const refused = await answerTo(start('/files/socket', 'GET', { ...upgrade, authorization: '' }).end())
    expect(refused.statusCode).toBe(401)
    const sent = start('/files/socket', 'GET', { ...upgrade, 'x-lanekeeper-subject': 'mallory' }).end()
    const [response, socket] = await once(sent, 'upgrade')
    expect(response.statusCode).toBe(101)
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    const [frame] = await once(socket, 'data')
    expect(frame.subarray(2).toString()).toBe('hi for user-1')
    socket.destroy()
  })

  test('a range is a range', async () => {
    const { response, body } = await ask('/files/range', { range: 'bytes=2-4' })
    expect(response.statusCode).toBe(206)
    expect(response.headers).toMatchObject({ 'content-range': 'bytes 2-4/26', etag: '"v1"' })
    expect(body.toString()).toBe('cde')
    expect((await ask('/files/range', { range: 'bytes=x' })).response.statusCode).toBe(416)
  })

  test('a conditional request gets 304, unless it says no-cache', async () => {
    const status = async (headers: Record<string, string>) =>
      (await ask('/files/tagged', { 'if-none-match': '"v1"', ...headers })).response.statusCode
    expect(await status({})).toBe(304)
    expect(await status({ 'cache-control': 'max-age=0' })).toBe(304)
    expect(await status({ 'cache-control': 'no-cache' })).toBe(200)
    expect(await status({ 'if-none-match': '"v0"' })).toBe(200)
  })

  test('the origin sees the fields of the client, and those that are documented', async () => {
    for (const own of [{}, { 'cache-control': 'max-age=5', pragma: 'x' }]) {
      origin.seen.length = 0
      await ask('/files/a', { accept: '*/*', 'if-modified-since': 'x', ...own })
      const { host: _, ...seen } = origin.seen[0]!
      const names = Object.entries(seen).filter(([name]) => !/^x-(?:lanekeeper|forwarded)-/.test(name))
      expect(Object.fromEntries(names)).toEqual({
        accept: '*/*',
        'if-modified-since': 'x',
        // Header fields that the platform adds to a request that a Worker sends.
        'cf-worker': `${place === 'binding' ? 'orders' : 'lanekeeper'}.example.com`,
        ...(place === 'binding' ? { 'x-came-through': 'the binding', 'x-came-with': '%2Ffiles%2Fa' } : {}),
        ...own,
      })
    }
  })

  test('a redirect is passed back', async () => {
    const { response } = await ask('/files/moved')
    expect(response.statusCode).toBe(307)
    expect(response.headers.location).toBe('https://elsewhere.example/x?y')
  })

  test('a compressed body can be read', async () => {
    const { response, body } = await ask('/files/gzip', { 'accept-encoding': 'gzip' })
    const { gunzipSync } = await import('node:zlib')
    const text = response.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body
    expect(text.toString()).toBe('abcdefghijklmnopqrstuvwxyz')
  })

  test('cookies stay apart, and statuses are what they were', async () => {
    expect((await ask('/files/cookies')).response.headers['set-cookie']).toEqual([
      'a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT',
      'b=2',
    ])
    const missing = await ask('/files/missing')
    expect([missing.response.statusCode, missing.body.toString()]).toEqual([404, 'not here'])
    expect((await ask('/files/empty')).response.statusCode).toBe(204)
  })

  test('the target at the origin is the one of the decision', async () => {
    expect((await ask('/files/a%2Db?x=%2F..&y')).response.statusCode).toBe(400)
    origin.seen.length = 0
    expect((await ask('/files/a-b?x=%2F..&y')).body.toString()).toBe('GET /files/a-b?x=%2F..&y')
    expect(origin.seen.map((headers) => headers['x-came-through'])).toEqual([
      place === 'binding' ? 'the binding' : undefined,
    ])
    expect(origin.seen[0]).toMatchObject({ 'x-lanekeeper-subject': 'user-1' })
    expect(origin.seen[0]).not.toHaveProperty('authorization')
  })

  /** Sent over a raw socket, since `node:http` would parse the target. */
  const askRaw = async (target: string) => {
    origin.seen.length = 0
    const { host } = new URL(origin.url)
    const fields = [['Authorization', bearer]] as const
    const { status, body } = await sendRaw(edges[place].url, { method: 'GET', target, host, fields })
    const cameWith = origin.seen[0]?.['x-came-with']
    // The bound Worker parses the URL that it sends on.
    return { status, arrived: cameWith === undefined ? body : `GET ${decodeURIComponent(String(cameWith))}` }
  }

  test.each([
    '',
    '?',
    '?&&=',
    "?q=O'Neil",
    '?`|^\\{}[]',
    '?!$&()*+,;=:@/?-._~',
    '?%zz%&%&%4',
    '?//',
    '?a=1;b=2',
    '?a=+&a=%20&a=%2B',
    '?%27%22%3C%3E%c3%a9%C3%A9%00',
    '?../..//.',
  ])('the query %j arrives byte for byte', async (query) => {
    // The URL of another server is parsed, which escapes this character (URL standard, "query state").
    const expected = place === 'url' ? query.replace("'", '%27') : query
    expect(await askRaw(`/files/a${query}`)).toEqual({ status: 200, arrived: `GET /files/a${expected}` })
  })

  test.each(['"', '<', '>', 'a b'])(
    'a query with %j is refused by workerd before it could change',
    async (query) => {
      expect((await askRaw(`/files/a?${query}`)).status).toBe(400)
      expect(origin.seen).toEqual([])
    },
  )

  test('a refused request does not reach the origin', async () => {
    origin.seen.length = 0
    expect((await ask('/files/a', { authorization: 'Bearer nonsense' })).response.statusCode).toBe(401)
    expect((await ask('/nowhere')).response.statusCode).toBe(403)
    expect(origin.seen).toEqual([])
  })
})

test.each([
  ['url', '%C3%A9'],
  ['sameZone', 'é'],
] as const)(
  'bytes beyond ASCII in a query, to an origin that is %s, arrive as %s',
  async (place, expected) => {
    const lines: string[] = []
    const server = createServer((socket) => {
      socket.once('data', (chunk) => {
        lines.push(chunk.toString().split('\r\n')[0]!)
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
      })
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
    const edge = await openWorkerEdge(
      { ...world.config, origin: place === 'url' ? { url: `http://${host}` } : { sameZone: true } },
      world.env,
    )
    try {
      const fields = [['Authorization', bearer]] as const
      await sendRaw(edge.url, { method: 'GET', target: '/orders?é', host, fields })
      expect(lines).toEqual([`GET /orders?${expected} HTTP/1.1`])
    } finally {
      await edge.close()
      server.close()
    }
  },
)

/** Spellings of a listed host with its port that URL parsers normalise to the same host. */
const SPELLINGS: readonly [string, (port: number) => string][] = [
  ['as it is listed', (port) => `127.0.0.1:${port}`],
  ['a zero before the port', (port) => `127.0.0.1:0${port}`],
  ['a dot at the end', (port) => `127.0.0.1.:${port}`],
  ['hexadecimal', (port) => `0x7f.1:${port}`],
  ['octal', (port) => `0177.0.0.1:${port}`],
  ['one number', (port) => `2130706433:${port}`],
]

test.each(SPELLINGS)("the origin gets the checked host, not the client's spelling: %s", async (_, spell) => {
  const heads: string[] = []
  const server = createServer((socket) => {
    socket.once('data', (chunk) => {
      heads.push(chunk.toString())
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    })
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  const listed = `127.0.0.1:${port}`
  const publicUrls = [`http://${listed}`]
  const ORDERS = `export default { fetch: (request) => new Response(request.url) }`
  const open = (place: OriginConfig) =>
    openWorkerEdge({ ...world.config, publicUrls, origin: place }, world.env, 0, { ORDERS })
  const [sameZone, binding] = await Promise.all([open({ sameZone: true }), open({ binding: 'ORDERS' })])
  try {
    const fields = [['Authorization', bearer]] as const
    const sent = { method: 'GET', target: "/orders?q=O'Neil", host: spell(port), fields }
    expect((await sendRaw(sameZone.url, sent)).status).toBe(200)
    const hosts = heads[0]!.split('\r\n').filter((line) => /^(?:x-forwarded-)?host:/i.test(line))
    expect(hosts.map((line) => line.toLowerCase()).sort()).toEqual([
      `host: ${listed}`,
      `x-forwarded-host: ${listed}`,
    ])
    // A rewritten URL is parsed.
    const query = spell(port) === listed ? "O'Neil" : 'O%27Neil'
    expect(await sendRaw(binding.url, sent)).toMatchObject({
      status: 200,
      body: `http://${listed}/orders?q=${query}`,
    })
    const other = { ...sent, host: `127.0.0.2:${port}` }
    expect((await sendRaw(sameZone.url, other)).status).toBe(421)
    expect(heads).toHaveLength(1)
  } finally {
    await Promise.all([sameZone.close(), binding.close()])
    server.close()
  }
})

test.each([
  ['Api.Example:80', 'api.example'],
  ['api.example:00080', 'api.example'],
  ['api.example:', 'api.example'],
  ['api.example:8080', 'api.example:8080'],
])('a Worker behind a binding gets %s as %s', async (host, expected) => {
  const ORDERS = `export default { fetch: (request) => new Response(request.url) }`
  const edge = await openWorkerEdge({ ...world.config, origin: { binding: 'ORDERS' } }, world.env, 0, {
    ORDERS,
  })
  try {
    const fields = [['Authorization', bearer]] as const
    const { body } = await sendRaw(edge.url, { method: 'GET', target: '/orders', host, fields })
    expect(body).toBe(`http://${expected}/orders`)
  } finally {
    await edge.close()
  }
})
