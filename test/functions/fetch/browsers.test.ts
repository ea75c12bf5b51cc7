// What browsers get from the Worker in workerd: preflights, challenges that scripts can read, caches that may store a
// response, timings. Fetch standard, "HTTP-CORS protocol"; RFC 9111 section 3.5.

import { STAMP } from '../../support/stamp.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CorsConfig } from '../../../shared/index.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import type { Field } from '../../cases/row.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

const APP = 'https://app.example'
const FROM_APP: Field = ['Origin', APP]
const FROM_ELSEWHERE: Field = ['Origin', 'https://evil.example']
const asksFor = (method: string): Field => ['Access-Control-Request-Method', method]

let world: CaseWorld
let answering: WorkerEdge
let passing: WorkerEdge
let open: WorkerEdge
let openPassing: WorkerEdge
let bearer: Field

beforeAll(async () => {
  world = await startCaseWorld()
  bearer = ['Authorization', `Bearer ${await world.main.token()}`]
  const shared = { path: '/shared', methods: ['GET'], scope: 'none', sharedCaches: true } as const
  const trial = { ...shared, path: '/trial/shared', reportOnly: true } as const
  const start = (cors: CorsConfig, serverTiming: boolean) =>
    openWorkerEdge(
      { ...world.config, routes: [...world.config.routes, shared, trial], cors, serverTiming },
      world.env,
    )
  ;[answering, passing, open, openPassing] = await Promise.all([
    start({ origins: [APP], preflight: 'answer' }, true),
    start({ origins: [APP], preflight: 'pass' }, false),
    start({ origins: '*', preflight: 'answer', headers: ['X-A'], maxAgeSeconds: 5 }, false),
    start({ origins: '*', preflight: 'pass' }, false),
  ])
})

afterAll(async () => {
  await Promise.all([answering, passing, open, openPassing].map((edge) => edge.close()))
  await world.close()
})

const send = (edge: WorkerEdge, method: string, target: string, ...fields: Field[]) =>
  edge.sendRaw({ method, target, fields })

describe('a preflight', () => {
  test('is answered for a method that a rule covers, and does not reach the origin', async () => {
    await answering.events()
    const { response, seen } = await send(answering, 'OPTIONS', '/orders', FROM_APP, asksFor('POST'))
    expect(seen).toBeUndefined()
    expect(response).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': APP,
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-max-age': '600',
        vary: 'Origin, Access-Control-Request-Method',
      },
    })
    expect(await answering.events()).toEqual([
      { ...STAMP, event: 'preflight', outcome: 'answered', code: 'preflight', route: 'POST /orders' },
    ])
  })

  test("is passed on if the origin answers, without the client's identity fields", async () => {
    const { response, seen } = await send(
      passing,
      'OPTIONS',
      '/orders',
      FROM_APP,
      asksFor('GET'),
      ['x-lanekeeper-subject', 'mallory'],
      ['x-echo-access-control-allow-origin', 'https://theirs.example'],
    )
    expect(seen).toMatchObject({ method: 'OPTIONS', target: '/orders', body: '' })
    expect(seen!.rawHeaders.join()).not.toContain('mallory')
    expect(response.headers['access-control-allow-origin']).toBe('https://theirs.example')
  })

  test.each<[string, string, readonly Field[]]>([
    ['of an origin that is not listed', '/orders', [FROM_ELSEWHERE, asksFor('GET')]],
    ['of an origin in upper case', '/orders', [['Origin', 'https://APP.example'], asksFor('GET')]],
    ['of no origin', '/orders', [asksFor('GET')]],
    ['for no method', '/orders', [FROM_APP]],
    ['for a method that no rule covers', '/orders', [FROM_APP, asksFor('DELETE')]],
    ['for a path that no rule covers', '/admin', [FROM_APP, asksFor('GET')]],
    ['for an ambiguous path', '/orders/../admin', [FROM_APP, asksFor('GET')]],
    ['with a token', '/orders', [FROM_APP, asksFor('GET'), ['Authorization', 'Bearer x']]],
    ['with a cookie', '/orders', [FROM_APP, asksFor('GET'), ['Cookie', 'a=b']]],
  ])('%s is decided like any request', async (_, target, fields) => {
    for (const edge of [answering, passing]) {
      const { response, seen } = await send(edge, 'OPTIONS', target, ...fields)
      expect(seen).toBeUndefined()
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.headers).not.toHaveProperty('access-control-allow-methods')
    }
  })

  test('with a body is no preflight', async () => {
    for (const edge of [answering, passing]) {
      const request = { method: 'OPTIONS', target: '/orders', fields: [FROM_APP, asksFor('GET')], body: 'x' }
      expect((await edge.sendRaw(request)).seen).toBeUndefined()
    }
  })

  const FRAMINGS: readonly [string, Field, string, string][] = [
    ['Content-Length: 0', ['Content-Length', '0'], '', ''],
    ['an empty chunked body', ['Transfer-Encoding', 'chunked'], '0\r\n\r\n', '1\r\nx\r\n0\r\n\r\n'],
  ]

  test.each(FRAMINGS)('with %s, as Safari sends it, is one', async (_, framing, nothing, something) => {
    const ask = (edge: WorkerEdge, body: string) =>
      edge.sendRaw({
        method: 'OPTIONS',
        target: '/orders',
        fields: [FROM_APP, asksFor('POST'), framing],
        body,
      })
    expect((await ask(answering, nothing)).response.status).toBe(204)
    expect((await ask(passing, nothing)).seen).toMatchObject({ method: 'OPTIONS', body: '' })
    if (something === '') return
    for (const edge of [answering, passing]) expect((await ask(edge, something)).seen).toBeUndefined()
  })

  test('is answered for any origin if all are listed', async () => {
    const { response } = await send(open, 'OPTIONS', '/orders', FROM_ELSEWHERE, asksFor('GET'))
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-headers': 'x-a',
      'access-control-max-age': '5',
    })
  })

  test('by another method needs a token like any request', async () => {
    const { response } = await send(answering, 'GET', '/orders', FROM_APP, asksFor('GET'))
    expect(response.status).toBe(401)
  })
})

describe('a challenge', () => {
  test('can be read by scripts of the listed origins', async () => {
    for (const edge of [answering, passing]) {
      const { response } = await send(edge, 'GET', '/orders', FROM_APP)
      expect(response).toMatchObject({
        status: 401,
        headers: {
          'access-control-allow-origin': APP,
          'access-control-expose-headers': 'WWW-Authenticate, Retry-After',
          'cache-control': 'no-store',
          vary: 'Origin',
        },
      })
    }
  })

  test('can be read by scripts that send cookies if the origin permits them, and never if all origins are listed', async () => {
    const allowing = async (edge: WorkerEdge, from: Field) => {
      const { response } = await send(edge, 'GET', '/orders', from, ['Cookie', 'a=b'])
      expect(response.status).toBe(401)
      const { headers } = response
      return [headers['access-control-allow-origin'], headers['access-control-allow-credentials']]
    }
    expect(await allowing(passing, FROM_APP)).toEqual([APP, 'true'])
    expect(await allowing(passing, FROM_ELSEWHERE)).toEqual([undefined, undefined])
    expect(await allowing(openPassing, FROM_APP)).toEqual(['*', undefined])
    // Where the Worker does CORS, it never allows requests with cookies.
    expect(await allowing(answering, FROM_APP)).toEqual([APP, undefined])
    expect(await allowing(open, FROM_APP)).toEqual(['*', undefined])
  })

  test('cannot be read by scripts of other origins', async () => {
    const { response } = await send(answering, 'GET', '/orders', FROM_ELSEWHERE)
    expect(response.status).toBe(401)
    expect(response.headers).not.toHaveProperty('access-control-allow-origin')
    expect(response.headers['vary']).toBe('Origin')
  })
})

describe('a response of the origin', () => {
  const theirs: Field = ['x-echo-access-control-allow-origin', '*']
  const credentials: Field = ['x-echo-access-control-allow-credentials', 'true']

  test('is for the listed origins where the Worker answers, whatever the origin says', async () => {
    const allowed = await send(answering, 'GET', '/orders', bearer, FROM_APP, theirs, credentials)
    expect(allowed.response.headers['access-control-allow-origin']).toBe(APP)
    expect(allowed.response.headers).not.toHaveProperty('access-control-allow-credentials')
    const others = await send(answering, 'GET', '/orders', bearer, FROM_ELSEWHERE, theirs)
    expect(others.response.status).toBe(200)
    expect(others.response.headers).not.toHaveProperty('access-control-allow-origin')
  })

  test('is unchanged if the origin does CORS', async () => {
    const { response } = await send(passing, 'GET', '/orders', bearer, FROM_APP, theirs)
    expect(response.headers['access-control-allow-origin']).toBe('*')
    expect(response.headers).not.toHaveProperty('access-control-allow-credentials')
    const cookies = await send(passing, 'GET', '/orders', bearer, FROM_APP, credentials)
    expect(cookies.response.headers['access-control-allow-credentials']).toBe('true')
  })

  test('gets the fields for browsers also where its fields about caching stay as they are', async () => {
    const noStore: Field = ['x-echo-cache-control', 'no-store']
    const { response } = await send(answering, 'GET', '/orders', bearer, FROM_APP, noStore)
    expect(response).toMatchObject({ status: 200, body: 'from the origin' })
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': APP,
      'cache-control': 'no-store',
      'server-timing': expect.stringMatching(/^authorize;/),
      vary: 'Origin',
    })
  })

  test('may be stored by shared caches only if the route says so', async () => {
    const cached: Field = ['x-echo-cache-control', 'public, s-maxage=60']
    const left = await send(passing, 'GET', '/shared', bearer, cached)
    expect(left.response.headers['cache-control']).toBe('public, s-maxage=60')
    expect((await send(passing, 'GET', '/profile', bearer, cached)).response.headers['cache-control']).toBe(
      'private',
    )
  })
})

describe('fields that some cache reads instead of Cache-Control', () => {
  const kept = 'public, max-age=60'
  const FIELDS = [
    'cdn-cache-control',
    'cloudflare-cdn-cache-control',
    'Akamai-Cache-Control',
    'netlify-cdn-cache-control',
    'some-future-cdn-cache-control',
    'surrogate-control',
    'edge-control',
    'x-accel-expires',
    'expires',
    'pragma',
  ]
  const said = FIELDS.map((name): Field => [`x-echo-${name}`, kept])
  const left: Field[] = [
    ['x-echo-cache-tag', 'a'],
    ['x-echo-x-cache-control-x', 'b'],
  ]

  test('are not in an authorized response', async () => {
    const { response } = await send(passing, 'GET', '/profile', bearer, ...said, ...left)
    expect(response.status).toBe(200)
    for (const name of FIELDS) expect(response.headers).not.toHaveProperty(name.toLowerCase())
    expect(response.headers).toMatchObject({ 'cache-control': 'private', vary: 'Authorization' })
    expect(response.headers).toMatchObject({ 'cache-tag': 'a', 'x-cache-control-x': 'b' })
  })

  test('stay on a public route, and if the route says so', async () => {
    for (const [target, ...fields] of [['/health'], ['/shared', bearer]] as [string, ...Field[]][]) {
      const { response } = await send(passing, 'GET', target, ...fields, ...said)
      for (const name of FIELDS) expect(response.headers[name.toLowerCase()]).toBe(kept)
    }
  })
})

describe('a response to a request that would have been refused', () => {
  const cached: Field = ['x-echo-cache-control', 'public, s-maxage=60']
  const targeted: Field = ['x-echo-cdn-cache-control', 'max-age=60']
  const bad: Field = ['Authorization', 'Bearer nonsense']

  test.each<[string, string, Field[]]>([
    ['on a route that only reports', '/trial', []],
    ['on one that leaves responses to shared caches', '/trial/shared', []],
    ['with a token that is none', '/trial/shared', [bad]],
  ])('may not be stored by shared caches, %s', async (_, target, fields) => {
    const { response } = await send(passing, 'GET', target, cached, targeted, ...fields)
    expect(response).toMatchObject({ status: 200, headers: { 'cache-control': 'private' } })
    expect(response.headers).not.toHaveProperty('cdn-cache-control')
  })

  test('may not be stored if everything is report-only and no rule covers the request', async () => {
    const trial = await openWorkerEdge({ ...world.config, reportOnly: true }, world.env)
    try {
      const { response } = await send(trial, 'GET', '/nowhere', cached)
      expect(response).toMatchObject({ status: 200, headers: { 'cache-control': 'private' } })
      const open = await send(trial, 'GET', '/health', cached)
      expect(open.response.headers['cache-control']).toBe('public, s-maxage=60')
    } finally {
      await trial.close()
    }
  })

  test('may be stored for a good token if the route says so', async () => {
    const { response } = await send(passing, 'GET', '/trial/shared', bearer, cached, targeted)
    expect(response.headers).toMatchObject({
      'cache-control': 'public, s-maxage=60',
      'cdn-cache-control': 'max-age=60',
    })
  })
})

test('Server-Timing is sent if it is configured', async () => {
  const allowed = await send(answering, 'GET', '/orders', bearer)
  expect(allowed.response.headers['server-timing']).toMatch(/^authorize;dur=\d+, origin;dur=\d+$/)
  const refused = await send(answering, 'GET', '/orders')
  expect(refused.response.headers['server-timing']).toMatch(/^authorize;dur=\d+$/)
  expect((await send(passing, 'GET', '/orders', bearer)).response.headers).not.toHaveProperty('server-timing')
})
