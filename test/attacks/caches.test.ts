// A decision for one request is never used for another request or another caller, though it was right at its time.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EDGES } from '../edges/all-edges.ts'
import type { EdgeName } from '../cases/row.ts'
import type { Edge } from '../edges/edge.ts'
import { openWorkerEdge, type WorkerEdge } from '../edges/worker-edge.ts'
import type { Field } from '../cases/row.ts'
import { CARELESS_AUDIENCE, startCaseWorld, type CaseWorld } from '../support/case-world.ts'

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const TRIED: readonly EdgeName[] = [
  'core',
  'worker',
  'rest TOKEN',
  'rest REQUEST',
  'http 2.0 simple',
  'http 1.0',
]

const MEMORIES = [
  ['with a token cache', {}],
  ['without a token cache', { tokenMemoryBytes: 0 }],
] as const

const TRIED_BOTH_WAYS = MEMORIES.flatMap(([way, limits]) => TRIED.map((name) => [name, way, limits] as const))

describe.each(TRIED_BOTH_WAYS)('%s, %s', (name, _, limits) => {
  let edge: Edge

  beforeAll(async () => {
    const { config } = world
    edge = await EDGES[name]({ ...config, limits: { ...config.limits, ...limits } }, world.env)
  })

  afterAll(() => edge.close())

  const send = async (token: string, method = 'GET', path = '/orders') =>
    (await edge.send({ method, path, authorization: [`Bearer ${token}`] })).code

  test('A044 A047 an allowed token gets a new decision on another route, and after its exp', async () => {
    const now = Math.floor(Date.now() / 1000)
    const token = await world.careless.token({ claims: { iat: now - 5, exp: now + 120 } })
    expect(await send(token)).toBe('access_token')
    expect(await send(token)).toBe('access_token')
    expect(await send(token, 'POST')).toBe('insufficient_scope')
    expect(await send(token, 'DELETE')).toBe('method_unknown')
    expect(await send(token, 'GET', '/orders/special')).toBe('insufficient_scope')
    expect(await send(token)).toBe('access_token')
    await edge.advance(121_000)
    expect(await send(token)).toBe('token_expired')
  })

  test('A048 a token that is bound to its sender is refused beside one that is not', async () => {
    const claims = { aud: CARELESS_AUDIENCE, jti: 'the-same' }
    const now = Math.floor((Date.now() + 121_000) / 1000)
    const times = { iat: now - 5, exp: now + 60 }
    const free = await world.careless.token({ claims: { ...claims, ...times } })
    const bound = await world.careless.token({ claims: { ...claims, ...times, cnf: { jkt: 'x' } } })
    expect([await send(free), await send(bound), await send(free)]).toEqual([
      'access_token',
      'sender_constraint_unproven',
      'access_token',
    ])
  })
})

describe('A049 an authorized response', () => {
  let edge: WorkerEdge

  beforeAll(async () => {
    edge = await openWorkerEdge(world.config, world.env)
  })

  afterAll(() => edge.close())

  const ask = async (target: string, ...fields: Field[]) => {
    const bearer: Field = ['Authorization', `Bearer ${await world.main.token()}`]
    return (await edge.sendRaw({ method: 'GET', target, fields: [bearer, ...fields] })).response.headers
  }

  test.each([
    [undefined, 'private'],
    ['max-age=60', 'private, max-age=60'],
    ['public, max-age=60, s-maxage=600, proxy-revalidate', 'private, max-age=60'],
    ['Private, max-age=60', 'Private, max-age=60'],
    ['no-store, public, max-age=60', 'no-store, max-age=60'],
    ['x="a, no-store, b"', 'private, x="a, no-store, b"'],
    ['no-cache, private="set-cookie"', 'private, no-cache, private="set-cookie"'],
  ])('is kept from shared caches where the origin says %s', async (given, sent) => {
    const fields: Field[] = given === undefined ? [] : [['x-echo-cache-control', given]]
    expect(await ask('/orders', ...fields)).toMatchObject({ 'cache-control': sent, vary: 'Authorization' })
  })

  test('is kept from caches that have a Cache-Control field of their own', async () => {
    const headers = await ask(
      '/orders',
      ['x-echo-cdn-cache-control', 'max-age=60'],
      ['x-echo-cloudflare-cdn-cache-control', 'max-age=60'],
      ['x-echo-surrogate-control', 'max-age=60'],
      ['x-echo-vary', 'Cookie, authorization'],
    )
    expect(Object.keys(headers).filter((name) => name.endsWith('-control'))).toEqual(['cache-control'])
    expect(headers['vary']).toBe('Cookie, authorization')
  })

  test('passes as it is where the origin says enough, and nothing that some cache reads instead', async () => {
    const noStore: Field = ['x-echo-cache-control', 'no-store']
    const own: Field[] = [
      ['x-echo-cache-control', 'private,max-age=60'],
      ['x-echo-vary', 'authorization'],
    ]
    const cdn: Field = ['x-echo-cdn-cache-control', 'max-age=60']
    const passed = await ask('/orders', noStore)
    expect(passed['cache-control']).toBe('no-store')
    expect(passed).not.toHaveProperty('vary')
    expect(await ask('/orders', ...own)).toMatchObject({
      'cache-control': 'private,max-age=60',
      vary: 'authorization',
    })
    for (const [fields, sent] of [
      [[noStore, cdn], { 'cache-control': 'no-store', vary: 'Authorization' }],
      [[...own, cdn], { 'cache-control': 'private, max-age=60', vary: 'authorization' }],
    ] as const) {
      const headers = await ask('/orders', ...fields)
      expect(headers).toMatchObject(sent)
      expect(headers).not.toHaveProperty('cdn-cache-control')
    }
  })

  test('on a public route keeps the cache directives of the origin', async () => {
    expect(await ask('/health', ['x-echo-cache-control', 'public, s-maxage=60'])).toMatchObject({
      'cache-control': 'public, s-maxage=60',
    })
  })

  test('no cache may store a refusal', async () => {
    const { response } = await edge.sendRaw({ method: 'GET', target: '/orders' })
    expect(response.headers).toMatchObject({ 'cache-control': 'no-store' })
  })
})
