// The Worker in workerd between a raw client and a real origin: what it sends on, what it removes, and its answer if it
// cannot decide.

import { STAMP } from '../../support/stamp.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createWorker } from '../../../functions/cloudflare/worker.ts'
import { ConfigError, type LanekeeperConfig, type ReportEvent } from '../../../shared/index.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

type Field = readonly [name: string, value: string]

let world: CaseWorld
let edge: WorkerEdge
let bearer: Field

beforeAll(async () => {
  world = await startCaseWorld()
  edge = await openWorkerEdge(world.config, world.env)
  bearer = ['Authorization', `Bearer ${await world.main.token({ claims: { scope: 'read write' } })}`]
})

afterAll(async () => {
  await edge.close()
  await world.close()
})

const get = (target: string, ...fields: Field[]) => edge.sendRaw({ method: 'GET', target, fields })

/** Header fields at the origin whose name, read as leniently as any server does, begins with our prefix. */
function identityFields(rawHeaders: readonly string[]): string[] {
  return rawHeaders.flatMap((value, index) =>
    index % 2 === 0 &&
    value
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '-')
      .startsWith('x-lanekeeper-')
      ? [`${value.toLowerCase()}: ${rawHeaders[index + 1]}`]
      : [],
  )
}

describe('an allowed request', () => {
  test('arrives with its method, target and body', async () => {
    const { response, seen } = await edge.sendRaw({
      method: 'POST',
      target: '/orders?a=1&b=%2F..',
      fields: [bearer, ['Content-Type', 'text/plain']],
      body: 'hello',
    })
    expect(response).toMatchObject({ status: 200, body: 'from the origin' })
    expect(seen).toMatchObject({ method: 'POST', target: '/orders?a=1&b=%2F..', body: 'hello' })
  })

  test('arrives with the identity and without the token', async () => {
    const { seen } = await get('/orders', bearer)
    expect(identityFields(seen!.rawHeaders).map((field) => field.replace(/: \d{10}$/, ': TIME'))).toEqual([
      'x-lanekeeper-client-id: client-1',
      'x-lanekeeper-expires-at: TIME',
      'x-lanekeeper-issuer: main',
      'x-lanekeeper-principal: user',
      'x-lanekeeper-scope: read write',
      'x-lanekeeper-subject: user-1',
    ])
    expect(seen!.rawHeaders.map((name) => name.toLowerCase())).not.toContain('authorization')
  })

  test.each<[string, Field[]]>([
    ['in another case', [['X-LANEKEEPER-SUBJECT', 'mallory']]],
    [
      'with underscores',
      [
        ['x_lanekeeper_subject', 'mallory'],
        ['X_Lanekeeper-Subject', 'mallory'],
        ['x.lanekeeper.subject', 'mallory'],
        ["x'lanekeeper!subject", 'mallory'],
      ],
    ],
    [
      'under a name that is not set here',
      [
        ['x-lanekeeper-admin', 'true'],
        ['x-lanekeeper-', 'x'],
      ],
    ],
    [
      'repeated',
      [
        ['x-lanekeeper-subject', 'mallory'],
        ['x-lanekeeper-subject', 'mallory'],
      ],
    ],
    ['for a claim the token lacks', [['x-lanekeeper-tenant', 'evil']]],
  ])('arrives without identity fields of the client, %s', async (_, fields) => {
    for (const target of ['/orders', '/health']) {
      const { seen } = await get(target, ...(target === '/orders' ? [bearer] : []), ...fields)
      const identity = identityFields(seen!.rawHeaders)
      expect(identity).toHaveLength(target === '/orders' ? 6 : 0)
      expect(identity.join('\n')).not.toMatch(/mallory|admin|evil/)
    }
  })

  test.each([
    'X-HTTP-Method-Override',
    'X-HTTP-Method',
    'X-Method-Override',
    'x_http_method_override',
    'X-Original-URL',
    'X-Original-URI',
    'X-Original-Method',
    'X-Rewrite-URL',
    'X-Forwarded-Method',
    'X-Forwarded-Path',
    'X-Forwarded-Prefix',
    'X-Forwarded-URI',
    'X-Envoy-Original-Path',
    'X-Middleware-Subrequest',
    'X-Amzn-Request-Context',
    'X-ApiGateway-Event',
    'X-ApiGateway-Context',
    'x-astro-path',
    'X-Middleware-Rewrite',
    'X-WAWS-Unencoded-URL',
    'SCRIPT_NAME',
  ])('arrives without %s, which would make the origin see another request', async (name) => {
    const { seen } = await get('/orders', bearer, [name, 'OVERRIDE'])
    expect(seen!.method).toBe('GET')
    expect(seen!.rawHeaders.join('\n')).not.toContain('OVERRIDE')
  })

  test('a field named in Connection does not take an identity field along', async () => {
    const { seen } = await get(
      '/orders',
      bearer,
      ['Connection', 'x-lanekeeper-subject, x-secret'],
      ['x-secret', '1'],
    )
    expect(identityFields(seen!.rawHeaders)).toContain('x-lanekeeper-subject: user-1')
    expect(seen!.rawHeaders.map((name) => name.toLowerCase())).not.toContain('x-secret')
    const kept = await get('/orders', bearer, ['Connection', 'x-other'], ['x-secret', '1'])
    expect(kept.seen!.rawHeaders.map((name) => name.toLowerCase())).toContain('x-secret')
  })

  test('on a public route keeps the credentials that are for the origin', async () => {
    const { seen } = await get('/health', ['Authorization', 'Basic abc'])
    expect(seen!.rawHeaders).toContain('Basic abc')
  })
})

test('a claim of twenty kilobytes reaches no header, and a hostile one breaks none', async () => {
  const config = { ...world.config, limits: { maxTokenBytes: 65_536 } }
  const wide = await openWorkerEdge(config, world.env)
  const ask = async (org_id: string) => {
    const token = await world.main.token({ claims: { org_id } })
    return wide.sendRaw({ method: 'GET', target: '/orders', fields: [['Authorization', `Bearer ${token}`]] })
  }
  try {
    const long = await ask('é\r\nx-lanekeeper-scope: admin\u0000'.repeat(700))
    expect([long.response.status, long.seen]).toEqual([403, undefined])
    expect((await wide.events()).at(-1)).toMatchObject({ code: 'identity_inexpressible' })
    const short = await ask('é\r\nx-lanekeeper-scope: admin\u0000')
    expect(short.response.status).toBe(200)
    expect(identityFields(short.seen!.rawHeaders)).toContain(
      'x-lanekeeper-tenant: %C3%A9%0D%0Ax-lanekeeper-scope:%20admin%00',
    )
    expect(identityFields(short.seen!.rawHeaders)).toHaveLength(7)
  } finally {
    await wide.close()
  }
})

describe('a request on a report-only route', () => {
  test('keeps its token and gets no identity but a verified one', async () => {
    const nonsense: Field = ['Authorization', 'Bearer nonsense']
    const mallory: Field = ['x-lanekeeper-subject', 'mallory']
    const refused = await get('/trial', nonsense, mallory)
    expect(refused.response.status).toBe(200)
    expect(identityFields(refused.seen!.rawHeaders)).toEqual([])
    expect(refused.seen!.rawHeaders).toContain('Bearer nonsense')
    const allowed = await get('/trial', bearer, mallory)
    expect(identityFields(allowed.seen!.rawHeaders)).toContain('x-lanekeeper-subject: user-1')
    expect(allowed.seen!.rawHeaders).toContain(bearer[1])
    expect((await get('/orders', bearer)).seen!.rawHeaders).not.toContain(bearer[1])
  })
})

describe('a GET or HEAD that is framed as one with a body', () => {
  const FRAMINGS: readonly [string, readonly Field[], string][] = [
    ['Content-Length: 0', [['Content-Length', '0']], ''],
    ['a body of one byte', [], 'x'],
    ['an empty chunked body', [['Transfer-Encoding', 'chunked']], '0\r\n\r\n'],
    ['a chunked body', [['Transfer-Encoding', 'chunked']], '1\r\nx\r\n0\r\n\r\n'],
  ]

  test.each(FRAMINGS)('arrives like any other, with %s', async (_, framing, body) => {
    for (const method of ['GET', 'HEAD']) {
      for (const [target, ...fields] of [['/health'], ['/orders', bearer], ['/trial']] as [
        string,
        ...Field[],
      ][]) {
        await edge.events()
        const sent = { method, target, fields: [...framing, ...fields], body }
        const { response, seen } = await edge.sendRaw(sent)
        expect([response.status, seen?.method, seen?.target]).toEqual([200, method, target])
        expect((await edge.events()).map(({ event }) => event)).toEqual(['decision'])
        const identity = identityFields(seen!.rawHeaders)
        expect(identity).toHaveLength(target === '/orders' ? 6 : 0)
      }
    }
    const { seen } = await edge.sendRaw({ method: 'GET', target: '/health', body: 'x' })
    expect(seen?.body).toBe('x')
  })

  test.each(FRAMINGS)('is refused like any other, with %s', async (_, framing, body) => {
    for (const method of ['GET', 'HEAD']) {
      const { response, seen } = await edge.sendRaw({ method, target: '/orders', fields: framing, body })
      expect([response.status, seen]).toEqual([401, undefined])
    }
  })
})

describe('a refused request', () => {
  test('never reaches the origin', async () => {
    for (const target of ['/orders', '/admin', '/orders/..', '/health/../orders']) {
      const { response, seen } = await get(target)
      expect(seen).toBeUndefined()
      expect(response.status).toBeGreaterThanOrEqual(400)
    }
  })

  test('gets the error of RFC 6750 without the reason', async () => {
    const { response } = await get('/orders', [
      'Authorization',
      `Bearer ${(await world.main.token()).slice(0, -3)}AAA`,
    ])
    expect(response.status).toBe(401)
    expect(response.headers).toMatchObject({
      'www-authenticate': 'Bearer realm="api", error="invalid_token"',
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    })
    expect(JSON.parse(response.body)).toEqual({ title: 'Unauthorized', status: 401, error: 'invalid_token' })
  })
})

test.each([
  ['8f2a3b4c5d6e7f80-FRA', '8f2a3b4c5d6e7f80-FRA'],
  ['Bearer abc', undefined],
])('the log names a request by its ray, if %s is one', async (ray, requestId) => {
  const events: ReportEvent[] = []
  const app = createWorker({ ...world.config, origin: { url: 'https://origin.example' } }, world.env, {
    report: (event) => void events.push(event),
  })
  await app.fetch(new Request('https://edge.example/orders', { headers: { 'cf-ray': ray } }))
  expect(events[0]).toEqual({
    ...STAMP,
    event: 'decision',
    outcome: 'deny',
    code: 'credential_missing',
    blame: 'client',
    method: 'GET',
    route: 'GET /orders',
    fetches: 0,
    ms: expect.any(Number),
    ...(requestId === undefined ? {} : { requestId }),
  })
})

test.each([
  [{ url: 'https://origin.example' }, 'left unread'],
  [{ binding: 'ORDERS' }, 'handed on'],
])('the fields of the platform about the client, with the origin %j, are %s', async (origin, fate) => {
  const request = new Request('https://edge.example/health')
  let read = 0
  Object.defineProperty(request, 'cf', { get: () => ({ colo: 'FRA', asn: ++read }) })
  const answer = async () => new Response('from the origin')
  const env = { ...world.env, ORDERS: { fetch: answer } }
  const app = createWorker({ ...world.config, origin }, env, { report: () => {}, fetch: answer })
  expect((await app.fetch(request)).status).toBe(200)
  expect(read).toBe(fate === 'handed on' ? 1 : 0)
})

test('an unreachable origin gives 502, in workerd too, and no cache may store it', async () => {
  const lost = await openWorkerEdge({ ...world.config, origin: { url: 'http://127.0.0.1:9' } }, world.env)
  try {
    const ask = (...fields: Field[]) => lost.sendRaw({ method: 'GET', target: '/orders', fields })
    const { response } = await ask(bearer)
    expect(response).toMatchObject({ status: 502, headers: { 'cache-control': 'no-store' } })
    expect(await lost.events()).toContainEqual({
      ...STAMP,
      event: 'origin',
      outcome: 'failed',
      code: 'origin_unreachable',
    })
    expect((await ask()).response.status).toBe(401)
  } finally {
    await lost.close()
  }
})

test('unavailable keys give 503 with Retry-After, never 401', async () => {
  const broken = await startCaseWorld()
  broken.main.answerWith((_, response) => void response.writeHead(500).end())
  const other = await openWorkerEdge(broken.config, broken.env)
  try {
    const { response, seen } = await other.sendRaw({
      method: 'GET',
      target: '/orders',
      fields: [['Authorization', `Bearer ${await broken.main.token()}`]],
    })
    expect(seen).toBeUndefined()
    expect(response.status).toBe(503)
    expect(response.headers['retry-after']).toMatch(/^[1-9]\d?$/)
    expect(response.headers).not.toHaveProperty('www-authenticate')
  } finally {
    await other.close()
    await broken.close()
  }
})

test('in one isolate the first requests share one fetch of the keys, and a flood of unknown kids causes none', async () => {
  const fresh = await startCaseWorld()
  const other = await openWorkerEdge(fresh.config, fresh.env)
  const ask = (token: string) =>
    other.sendRaw({ method: 'GET', target: '/orders', fields: [['Authorization', `Bearer ${token}`]] })
  try {
    const tokens = await Promise.all(Array.from({ length: 40 }, () => fresh.main.token()))
    const answers = await Promise.all(tokens.map(ask))
    expect(answers.map(({ response }) => response.status)).toEqual(tokens.map(() => 200))
    expect(fresh.main.fetches()).toBe(1)
    const unknown = await Promise.all(
      tokens.map((_, index) => fresh.main.token({ header: { kid: `random-${index}` } }).then(ask)),
    )
    expect(new Set(unknown.map(({ response }) => response.status))).toEqual(new Set([401]))
    expect(fresh.main.fetches()).toBe(1)
  } finally {
    await other.close()
    await fresh.close()
  }
})

test('in one isolate a new token is introspected once, however many requests bring it', async () => {
  const json = {
    active: true,
    token_type: 'Bearer',
    sub: 'ada',
    aud: AUDIENCE,
    client_id: 'c',
    scope: 'read',
  }
  const token = world.opaque.issue('in_', { json })
  const ask = () =>
    edge.sendRaw({ method: 'GET', target: '/orders', fields: [['Authorization', `Bearer ${token}`]] })
  const answers = await Promise.all(Array.from({ length: 200 }, ask))
  expect(answers.map(({ response }) => response.status)).toEqual(answers.map(() => 200))
  expect(world.opaque.calls(token)).toBe(1)
})

describe('the origin', () => {
  const worker = (config: Partial<LanekeeperConfig>, env = {}, options = {}) =>
    createWorker({ ...world.config, ...config }, { ...world.env, ...env }, { report: () => {}, ...options })
  const context = { waitUntil: () => {}, passThroughOnException: () => {}, props: {} }
  const ask = (app: ReturnType<typeof createWorker>, path: string, init?: RequestInit) =>
    app.fetch(new Request(`https://edge.example${path}`, init), {}, context)

  test('can be a service binding', async () => {
    const seen: Request[] = []
    const binding = { fetch: async (request: Request) => (seen.push(request), new Response('bound')) }
    const app = worker({ origin: { binding: 'ORDERS' } }, { ORDERS: binding })
    expect(await (await ask(app, '/health?x=1')).text()).toBe('bound')
    expect(new URL(seen[0]!.url).pathname).toBe('/health')
    expect((await ask(app, '/orders')).status).toBe(401)
    expect(seen).toHaveLength(1)
  })

  test('does not get what Connection names for one hop', async () => {
    const seen: Request[] = []
    const send = async (input: Request | string | URL) => (seen.push(input as Request), new Response('ok'))
    const app = worker({ origin: { url: 'https://origin.example' } }, {}, { fetch: send as typeof fetch })
    await ask(app, '/health', {
      headers: { connection: 'x-secret, upgrade', 'x-secret': '1', 'x-kept': '2' },
    })
    expect(seen[0]!.headers.has('x-secret')).toBe(false)
    expect(seen[0]!.headers.get('x-kept')).toBe('2')
    expect(seen[0]!.headers.get('connection')).toBe('Upgrade')
    await ask(app, '/health', { headers: { connection: 'x-lanekeeper-subject' } })
    expect(seen[1]!.headers.has('connection')).toBe(false)
  })

  test('can be given the token', async () => {
    const seen: Request[] = []
    const send = async (input: Request | string | URL, init?: RequestInit) =>
      input instanceof Request ? (seen.push(input), new Response('ok')) : fetch(input, init)
    const app = worker({ origin: { url: 'https://origin.example', token: 'forward' } }, {}, { fetch: send })
    const token = await world.main.token()
    expect((await ask(app, '/orders', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
    expect(seen[0]!.headers.get('authorization')).toBe(`Bearer ${token}`)
    expect(seen[0]!.url).toBe('https://origin.example/orders')
  })

  test('has its redirects passed back, not followed', async () => {
    const modes: string[] = []
    const send = async (input: Request | string | URL) => {
      modes.push((input as Request).redirect)
      return new Response(null, { status: 302, headers: { location: 'https://elsewhere.example' } })
    }
    const response = await ask(
      worker({ origin: { url: 'https://origin.example' } }, {}, { fetch: send }),
      '/health',
    )
    expect(response.status).toBe(302)
    expect(modes).toEqual(['manual'])
  })

  test('that cannot be reached is 502', async () => {
    const events: ReportEvent[] = []
    const app = worker(
      { origin: { url: 'https://origin.example' } },
      {},
      {
        fetch: () => Promise.reject(new Error('secret detail')),
        report: (event: ReportEvent) => void events.push(event),
      },
    )
    const response = await ask(app, '/health')
    expect(response.status).toBe(502)
    expect(await response.text()).not.toContain('secret')
    expect(events.at(-1)).toEqual({
      ...STAMP,
      event: 'origin',
      outcome: 'failed',
      code: 'origin_unreachable',
    })
  })

  test.each([
    ['of our own', 503, 'internal_error'],
    ['of the origin', 502, 'origin_unreachable'],
  ])('an exception %s gives %d and the event %s', async (whose, status, code) => {
    const events: ReportEvent[] = []
    const report = (event: ReportEvent) => void events.push(event)
    const throws = () => {
      throw new TypeError('secret detail')
    }
    const answer = whose === 'of the origin' ? throws : async () => new Response('ok')
    const app = worker({ origin: { binding: 'ORDERS' } }, { ORDERS: { fetch: answer } }, { report })
    const request = new Request('https://edge.example/health')
    if (whose === 'of our own') Object.defineProperty(request, 'cf', { get: throws })
    const response = await app.fetch(request)
    expect([response.status, response.headers.get('cache-control')]).toEqual([status, 'no-store'])
    expect(response.headers.get('retry-after')).toBe(status === 503 ? '1' : null)
    expect(events.at(-1)).toEqual({
      ...STAMP,
      event: 'origin',
      outcome: 'failed',
      code,
      ...(status === 503 ? { detail: { error: 'TypeError' } } : {}),
    })
  })

  test('has to be configured and bound', () => {
    expect(() => worker({})).toThrow(ConfigError)
    expect(() => worker({})).toThrow('origin: is missing; the Worker needs to know where requests go')
    expect(() => worker({ realm: '' })).toThrow(/2 problems:\n {2}realm: .*\n {2}origin: is missing/)
    expect(() => worker({ origin: { url: 'https://o.example' } }, { LANEKEEPER_STAGE: 7 })).toThrow(
      'has no stage 7',
    )
    expect(() => worker({ origin: { binding: 'ORDERS' } })).toThrow(
      'origin.binding: names ORDERS, which is not bound to this Worker',
    )
  })
})

test('a broken configuration stops the Worker from starting at all', async () => {
  await expect(openWorkerEdge({ ...world.config, realm: '' }, world.env)).rejects.toThrow(
    'realm: must be 1 to 64',
  )
})
