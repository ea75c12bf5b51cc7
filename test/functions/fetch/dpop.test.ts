// Responses of a Fetch edge with nonces, and where the token and its proof go: on a runtime that has nothing but the
// Fetch standard, with an origin that answers what a test says. RFC 9449 sections 8.2 and 9.

import { Hono } from 'hono'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createHonoMiddleware, toForwardedHeaders } from '../../../functions/cloudflare/worker.ts'
import { ALL_FETCH_PARTS } from '../../../functions/fetch/all-parts.ts'
import { createFetchHandler } from '../../../functions/fetch/handler.ts'
import {
  createAuthorizer,
  toIdentity,
  type Allow,
  type KeyedIssuerConfig,
  type LanekeeperConfig,
} from '../../../shared/index.ts'
import { BASE, startDpopWorld, type BoundRequest, type DpopWorld } from '../../support/dpop-world.ts'

const ORIGIN = 'https://app.example'
const BUCKET_MS = 120_000

let world: DpopWorld

beforeAll(async () => {
  world = await startDpopWorld()
})

afterAll(() => world.close())

/** Response of the origin: a body, a status and header fields. */
type OriginAnswer = () => Response

function start(config: LanekeeperConfig, answer: OriginAnswer = () => new Response('ok')) {
  const seen: Request[] = []
  let ahead = 0
  const ports = {
    fetch,
    now: () => Date.now() + ahead,
    report: () => {},
    secrets: async ({ env }: { readonly env?: string }) => world.env[env as 'NONCE_KEY'],
  }
  const full = { origin: { url: 'https://origin.test.example' }, ...config }
  const authorizer = createAuthorizer(full, ports, { needsOrigin: true, env: world.env })
  const runtime = {
    readRequestId: () => undefined,
    readClientCertificate: () => null,
    copyRequest: ({ method, headers }: Request, url: string) => new Request(url, { method, headers }),
    send: async (request: Request) => (seen.push(request), answer()),
  }
  const handle = createFetchHandler(authorizer, ports, runtime, ALL_FETCH_PARTS, {})
  const send = async (path: string, about: BoundRequest | null, more: Record<string, string> = {}) => {
    const fields = about === null ? [] : await world.boundFields(path, about)
    return handle(new Request(`${BASE}${path}`, { headers: [...fields, ...Object.entries(more)] as never }))
  }
  return {
    authorizer,
    seen,
    send,
    ask: (path: string, init: RequestInit) => handle(new Request(`${BASE}${path}`, init)),
    advance: (ms: number) => void (ahead += ms),
    /** The nonce of a challenge. */
    nonce: async () => (await send('/orders', {})).headers.get('dpop-nonce')!,
  }
}

const NONCE = /^[\w-]{27}$/

describe('a nonce', () => {
  test('is in the challenge for a proof without one, and the proof with it passes', async () => {
    const edge = start(world.withNonces)
    const refused = await edge.send('/orders', {})
    expect([refused.status, refused.headers.get('cache-control')]).toEqual([401, 'no-store'])
    expect(refused.headers.get('www-authenticate')).toMatch(
      /^DPoP realm="api", error="use_dpop_nonce", .*algs="ES256/,
    )
    const nonce = refused.headers.get('dpop-nonce')!
    expect(nonce).toMatch(NONCE)
    const allowed = await edge.send('/orders', { nonce })
    expect(allowed.status).toBe(200)
    expect(allowed.headers.has('dpop-nonce')).toBe(false)
    expect(allowed.headers.get('cache-control')).toBe('private')
  })

  test('is not demanded where none is configured', async () => {
    const edge = start(world.config)
    const response = await edge.send('/orders', {})
    expect([response.status, response.headers.get('dpop-nonce')]).toEqual([200, null])
  })

  test('of an older bucket passes, and the response has the next one and is kept by no cache', async () => {
    const cached = () =>
      new Response('ok', {
        headers: {
          'cache-control': 'public, max-age=600',
          'cdn-cache-control': 'max-age=600',
          expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
          'set-cookie': 'a=1',
        },
      })
    const edge = start(world.withNonces, cached)
    const nonce = await edge.nonce()
    edge.advance(BUCKET_MS)
    for (const path of ['/orders', '/shared']) {
      const { status, headers } = await edge.send(path, { nonce })
      expect(status).toBe(200)
      expect(headers.get('dpop-nonce')).toMatch(NONCE)
      expect(headers.get('dpop-nonce')).not.toBe(nonce)
      expect(headers.get('cache-control')).toBe('no-store')
      expect([...headers.keys()]).not.toContain('cdn-cache-control')
      expect(headers.has('expires')).toBe(false)
      expect(headers.get('set-cookie')).toBe('a=1')
      expect((await edge.send(path, { nonce: headers.get('dpop-nonce')! })).headers.has('dpop-nonce')).toBe(
        false,
      )
    }
    edge.advance(2 * BUCKET_MS)
    expect((await edge.send('/orders', { nonce })).status).toBe(401)
  })

  test('of the origin never reaches an identified caller, and is not beside ours', async () => {
    const edge = start(
      world.withNonces,
      () => new Response('ok', { headers: { 'dpop-nonce': 'of-the-origin' } }),
    )
    const nonce = await edge.nonce()
    expect((await edge.send('/orders', { nonce })).headers.get('dpop-nonce')).toBeNull()
    edge.advance(BUCKET_MS)
    expect((await edge.send('/orders', { nonce })).headers.get('dpop-nonce')).toMatch(NONCE)
    expect((await edge.send('/health', null)).headers.get('dpop-nonce')).toBe('of-the-origin')
    const without = start(
      world.config,
      () => new Response('ok', { headers: { 'dpop-nonce': 'of-the-origin' } }),
    )
    expect((await without.send('/orders', {})).headers.get('dpop-nonce')).toBe('of-the-origin')
  })

  test.each([204, 304])('is on a response without a body: %d', async (status) => {
    const edge = start(world.withNonces, () => new Response(null, { status, headers: { etag: '"1"' } }))
    const nonce = await edge.nonce()
    edge.advance(BUCKET_MS)
    const response = await edge.send('/orders', { nonce })
    expect([response.status, response.headers.get('etag')]).toEqual([status, '"1"'])
    expect(response.headers.get('dpop-nonce')).toMatch(NONCE)
  })

  test('is on the answer of this edge to a request that the origin did not get', async () => {
    const edge = start(world.withNonces, () => {
      throw new Error('unreachable')
    })
    const nonce = await edge.nonce()
    edge.advance(BUCKET_MS)
    const response = await edge.send('/orders', { nonce })
    expect(response.status).toBe(502)
    expect(response.headers.get('dpop-nonce')).toMatch(NONCE)
  })

  test('is offered to a request without a token once the secret is loaded, and only where bound tokens are taken', async () => {
    const edge = start(world.withNonces)
    expect((await edge.send('/orders', null)).headers.has('dpop-nonce')).toBe(false)
    await nextTurn()
    const offered = await edge.send('/orders', null)
    expect([offered.status, offered.headers.get('dpop-nonce')]).toEqual([401, expect.stringMatching(NONCE)])
    expect((await edge.send('/orders', { nonce: offered.headers.get('dpop-nonce')! })).status).toBe(200)
    expect((await edge.send('/plain', null)).headers.has('dpop-nonce')).toBe(false)
    expect((await edge.send('/health', null)).headers.has('dpop-nonce')).toBe(false)
  })

  test('is offered with a bound token without a proof', async () => {
    const edge = start(world.withNonces)
    await edge.nonce()
    const authorization = `DPoP ${await world.boundToken()}`
    const { status, headers } = await edge.send('/orders', null, { authorization })
    expect([status, headers.get('dpop-nonce')]).toEqual([401, expect.stringMatching(NONCE)])
  })

  test('is told in report-only as well, so that clients learn to use it', async () => {
    const edge = start(world.withNonces)
    const response = await edge.send('/trial', {})
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store'])
    const nonce = response.headers.get('dpop-nonce')!
    expect(nonce).toMatch(NONCE)
    expect(edge.seen.at(-1)!.headers.has('x-lanekeeper-subject')).toBe(false)
    await edge.send('/trial', { nonce })
    expect(edge.seen.at(-1)!.headers.get('x-lanekeeper-sender')).toBe('dpop')
  })

  test('cannot be made or checked without its secret: 503, and no nonce', async () => {
    const ports = { fetch, now: Date.now, report: () => {}, secrets: async () => undefined }
    const authorizer = createAuthorizer(world.withNonces, ports, { env: world.env })
    const app = new Hono().use(createHonoMiddleware(authorizer)).all('*', (context) => context.text('in'))
    const headers = Object.fromEntries(await world.boundFields('/orders', { nonce: 'x'.repeat(27) }))
    const { status, headers: answered } = await app.request(`${BASE}/orders`, { headers })
    expect([status, answered.get('retry-after'), answered.get('dpop-nonce')]).toEqual([503, '5', null])
  })
})

describe('scripts of an allowed origin', () => {
  const cors = { origins: [ORIGIN], preflight: 'answer' } as never
  const exposed = ({ headers }: Response) => headers.get('access-control-expose-headers')

  test('read the nonce of a refusal, and that of a response', async () => {
    const headers = { 'access-control-expose-headers': 'X-Total' }
    const edge = start({ ...world.withNonces, cors }, () => new Response('ok', { headers }))
    const refused = await edge.send('/orders', {}, { origin: ORIGIN })
    expect(refused.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(exposed(refused)).toBe('WWW-Authenticate, Retry-After, DPoP-Nonce')
    const nonce = refused.headers.get('dpop-nonce')!
    expect(exposed(await edge.send('/orders', { nonce }, { origin: ORIGIN }))).toBe('X-Total')
    edge.advance(BUCKET_MS)
    const renewed = await edge.send('/orders', { nonce }, { origin: ORIGIN })
    expect(renewed.headers.get('access-control-allow-origin')).toBe(ORIGIN)
    expect(exposed(renewed)).toBe('X-Total, DPoP-Nonce')
  })

  test('read it as well where preflights pass to the origin', async () => {
    const passing = { origins: [ORIGIN], preflight: 'pass' } as never
    const edge = start({ ...world.withNonces, cors: passing })
    const nonce = await edge.nonce()
    edge.advance(BUCKET_MS)
    expect(exposed(await edge.send('/orders', { nonce }, { origin: ORIGIN }))).toBe('DPoP-Nonce')
  })

  test('may send a proof, if bound tokens are taken and no list of headers says otherwise', async () => {
    const allowedBy = async (config: LanekeeperConfig, headers?: readonly string[]) => {
      const edge = start({ ...config, cors: { ...(cors as object), ...(headers && { headers }) } as never })
      const asking = { origin: ORIGIN, 'access-control-request-method': 'GET' }
      const response = await edge.ask('/orders', { method: 'OPTIONS', headers: asking })
      return response.headers.get('access-control-allow-headers')
    }
    expect(await allowedBy(world.config)).toBe('authorization, content-type, dpop')
    expect(await allowedBy(world.config, ['authorization', 'dpop'])).toBe('authorization, dpop')
    expect(await allowedBy(world.config, ['authorization', 'x-other'])).toBe('authorization, x-other')
    const { senderConstraint: _, ...unbound } = world.config.issuers['main'] as KeyedIssuerConfig
    const routes = [{ path: '/orders', methods: ['GET'], scope: 'none' }] as const
    expect(await allowedBy({ issuers: { main: unbound }, routes })).toBe('authorization, content-type')
  })

  test('are told of no nonce where none is configured', async () => {
    const edge = start({ ...world.config, cors })
    const refused = await edge.send('/orders', null, { origin: ORIGIN })
    expect(exposed(refused)).toBe('WWW-Authenticate, Retry-After')
  })
})

describe('the proof goes where the token goes', () => {
  const fieldsSeen = ({ seen }: ReturnType<typeof start>) =>
    ['authorization', 'dpop'].map((name) => seen.at(-1)!.headers.has(name))

  test('not to the origin, which is told that the token is bound', async () => {
    const edge = start(world.config)
    await edge.send('/orders', {}, { 'x-lanekeeper-sender': 'mtls', 'x-other': '1' })
    expect(fieldsSeen(edge)).toEqual([false, false])
    expect(edge.seen[0]!.headers.get('x-lanekeeper-sender')).toBe('dpop')
    expect(edge.seen[0]!.headers.get('x-other')).toBe('1')
  })

  test('to an origin that gets the token', async () => {
    const edge = start({ ...world.config, origin: { url: 'https://o.example', token: 'forward' } })
    await edge.send('/orders', {})
    expect(fieldsSeen(edge)).toEqual([true, true])
  })

  test('to the origin in report-only and on a public route', async () => {
    const edge = start(world.config)
    await edge.send('/trial', {})
    expect(fieldsSeen(edge)).toEqual([true, true])
    await edge.send('/health', {})
    expect(fieldsSeen(edge)).toEqual([true, true])
  })

  test('a client cannot claim to be bound', async () => {
    const edge = start(world.config)
    const authorization = `Bearer ${await world.issuer.token()}`
    for (const name of ['x-lanekeeper-sender', 'X-Lanekeeper_Sender'])
      await edge.send('/orders', null, { authorization, [name]: 'dpop' })
    await edge.send('/health', null, { 'x-lanekeeper-sender': 'dpop' })
    expect(edge.seen).toHaveLength(3)
    for (const { headers } of edge.seen) expect(JSON.stringify([...headers])).not.toMatch(/sender/i)
  })

  test('with toForwardedHeaders', async () => {
    const { authorizer } = start(world.config)
    const request = new Request(`${BASE}/orders`, { headers: (await world.boundFields('/orders')) as never })
    const decide = async (grant: Partial<Allow> = {}) => {
      const headers = await world.boundFields('/orders')
      const decision = (await authorizer.authorize({
        method: 'GET',
        path: '/orders',
        authorization: [headers[0]![1]],
        accessTokenInQuery: false,
        fields: { dpop: [headers[1]![1]] },
      })) as Allow
      return { decision: { ...decision, ...grant }, identity: toIdentity(decision.grant!) }
    }
    const has = (headers: Headers) => [headers.has('authorization'), headers.has('dpop')]
    const stripped = toForwardedHeaders(request, await decide())
    expect([has(stripped), stripped.get('x-lanekeeper-sender')]).toEqual([[false, false], 'dpop'])
    expect(has(toForwardedHeaders(request, await decide(), { token: 'forward' }))).toEqual([true, true])
    expect(has(toForwardedHeaders(request, await decide({ reportOnly: true })))).toEqual([true, true])
    // Without a bound token the field is one like any other.
    const { decision, identity } = await decide()
    const { sender: _, ...unbound } = decision.grant!
    const plain = { decision: { ...decision, grant: unbound }, identity }
    expect(has(toForwardedHeaders(request, plain))).toEqual([false, true])
  })
})

test('after the Hono middleware the response has the next nonce, and the handler gets token and proof', async () => {
  let ahead = 0
  const ports = {
    fetch,
    now: () => Date.now() + ahead,
    report: () => {},
    secrets: async () => world.env.NONCE_KEY,
  }
  const app = new Hono()
  app.use(createHonoMiddleware(createAuthorizer(world.withNonces, ports, { env: world.env })))
  app.get('/orders', ({ req }) =>
    Response.json(
      ['authorization', 'dpop'].map((name) => req.raw.headers.has(name)),
      {
        headers: { 'cache-control': 'public', expires: '0' },
      },
    ),
  )
  const send = async (nonce?: string) =>
    app.request(`${BASE}/orders`, {
      headers: Object.fromEntries(await world.boundFields('/orders', { nonce })),
    })
  const nonce = (await send()).headers.get('dpop-nonce')!
  const first = await send(nonce)
  expect([first.status, first.headers.get('dpop-nonce'), first.headers.get('cache-control')]).toEqual([
    200,
    null,
    'public',
  ])
  expect(await first.json()).toEqual([true, true])
  ahead = BUCKET_MS
  const renewed = await send(nonce)
  expect([renewed.status, renewed.headers.get('cache-control')]).toEqual([200, 'no-store'])
  expect(renewed.headers.get('dpop-nonce')).toMatch(NONCE)
  expect(renewed.headers.has('expires')).toBe(false)
})
