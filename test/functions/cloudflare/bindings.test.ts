// The bindings of the platform in workerd itself, without stand-ins: the origin behind a service binding to a second
// Worker, and Analytics Engine, whose data points arrive at a real server. The Worker reports as it does when deployed.

import { STAMP } from '../../support/stamp.ts'
import { build } from 'esbuild'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { ANALYTICS_BLOBS } from '../../../functions/cloudflare/analytics.ts'
import type { OriginConfig } from '../../../shared/index.ts'
import type { Field } from '../../cases/row.ts'
import { CF_FIELD, startBareWorkerd, type BareWorkerd } from '../../support/bare-workerd.ts'
import { sendRaw } from '../../support/raw-http.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

const ROOT = join(import.meta.dirname, '../../..')

/** The entry as docs/cloudflare.md has it, with its configuration from a variable. */
const ENTRY = `
import { env } from 'cloudflare:workers'
import { createWorker } from './functions/cloudflare/worker.ts'
export default createWorker(JSON.parse(env.CONFIG), env)
`

/**
 * Returns the request that reached it. If it also serves all outbound fetches, it passes those for keys on to the
 * issuer.
 */
const ORDERS = `
export default {
  async fetch(request) {
    if (/jwks|well-known/.test(request.url)) return fetch(request)
    const { method, url, headers, cf } = request
    return Response.json({ method, url, headers: [...headers], cf, body: await request.text() })
  }
}`

const LONG = `/long/${'a'.repeat(120)}`

/** Sends every request on, bypassing the cache as the platform documents it. */
const NO_STORE = `
import { env } from 'cloudflare:workers'
export default { fetch: (request) => env.ORDERS.fetch(new Request(request, { cache: 'no-store' })) }
`

let world: CaseWorld
let workerd: BareWorkerd
let plain: BareWorkerd
let start: (script: string | null, origin: OriginConfig, isOutbound: boolean) => Promise<BareWorkerd>
let bearer: Field

beforeAll(async () => {
  world = await startCaseWorld()
  bearer = ['Authorization', `Bearer ${await world.main.token()}`]
  const bundle = await build({
    stdin: { contents: ENTRY, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  const settings = unstable_readConfig({ config: join(ROOT, 'wrangler.toml') })
  const added = [
    { path: LONG, methods: ['GET'], scope: 'none' },
    { path: '/shared', methods: ['GET'], scope: 'none', sharedCaches: true },
  ]
  const routes = [...world.config.routes, ...added]
  start = (script, origin, isOutbound) =>
    startBareWorkerd({
      script: script ?? bundle.outputFiles[0]!.text,
      boundScript: ORDERS,
      isOutbound,
      compatibilityDate: settings.compatibility_date!,
      compatibilityFlags: settings.compatibility_flags,
      variables: {
        ...world.env,
        LANEKEEPER_STAGE: '',
        CONFIG: JSON.stringify({ ...world.config, routes, origin }),
      },
      service: 'ORDERS',
      dataset: 'LANEKEEPER_ANALYTICS',
    })
  const origin = { binding: 'ORDERS' }
  ;[workerd, plain] = await Promise.all([start(null, origin, false), start(NO_STORE, origin, false)])
})

afterAll(async () => {
  await Promise.all([workerd, plain].map((started) => started.close()))
  await world.close()
})

beforeEach(() => void workerd.points.splice(0))

const send = (method: string, target: string, fields: readonly Field[], body = '') =>
  sendRaw(workerd.url, { method, target, fields, body })

/** The data points of decisions, by the names of their blobs. */
const decisions = () =>
  workerd.points.flatMap(({ index, blobs, doubles }) => {
    const named = Object.fromEntries(ANALYTICS_BLOBS.map((name, at) => [name, blobs[at]]))
    return named['event'] === 'decision' ? [{ index, ...named, count: doubles[0] }] : []
  })

test('an allowed request reaches the bound Worker, a refused one does not', async () => {
  const fields: Field[] = [bearer, ['X_Lanekeeper_Subject', 'mallory']]
  const allowed = await send('GET', '/orders?a=%2F..', fields)
  const seen = JSON.parse(allowed.body) as { method: string; url: string; headers: [string, string][] }
  expect([allowed.status, seen.method, seen.url.replace(/^http:\/\/[^/]+/, '')]).toEqual([
    200,
    'GET',
    '/orders?a=%2F..',
  ])
  const headers = Object.fromEntries(seen.headers)
  expect(headers).toMatchObject({ 'x-lanekeeper-subject': 'user-1', 'x-lanekeeper-client-id': 'client-1' })
  expect(headers).not.toHaveProperty('authorization')
  expect(JSON.stringify(headers)).not.toContain('mallory')
  const refused = await send('GET', '/orders', [])
  expect([refused.status, refused.body.includes('headers')]).toEqual([401, false])
  // The keys and two decisions: no data point remains for the next test.
  await workerd.written(3)
})

test('the bound Worker gets the location of the client, and no fetch options of the caller', async () => {
  const field: Field = [CF_FIELD, JSON.stringify({ colo: 'FRA' })]
  const { cf: expected } = JSON.parse(
    (await sendRaw(plain.url, { method: 'GET', target: '/', fields: [field] })).body,
  )
  expect(expected).toMatchObject({ colo: 'FRA', cacheTtl: -1 })
  for (const cf of [{ colo: 'FRA' }, { colo: 'FRA', cacheTtl: 300, cacheKey: 'mine' }]) {
    const { status, body } = await send('GET', '/orders', [bearer, [CF_FIELD, JSON.stringify(cf)]])
    expect([status, (JSON.parse(body) as { cf: unknown }).cf]).toEqual([200, expected])
  }
  const { body } = await send('GET', '/orders', [bearer])
  expect((JSON.parse(body) as { cf: unknown }).cf).not.toHaveProperty('colo')
  // No data point remains for the next test here, either.
  await workerd.written(3)
})

test.each<OriginConfig>([{ url: 'https://orders.example' }, { sameZone: true }])(
  'the cache behind the Worker is bypassed on the way to %j',
  async (place) => {
    const fetching = await start(null, place, true)
    try {
      const cfOf = async (target: string, fields: Field[]) => {
        const { body } = await sendRaw(fetching.url, {
          method: 'GET',
          target,
          host: 'orders.example',
          fields,
        })
        const { url, cf } = JSON.parse(body) as { url: string; cf: unknown }
        expect(new URL(url).host).toBe('orders.example')
        return cf
      }
      const { cf: expected } = JSON.parse((await sendRaw(plain.url, { method: 'GET', target: '/' })).body)
      expect(await cfOf('/orders', [bearer])).toEqual(expected)
      expect(await cfOf('/trial', [])).toEqual(expected)
      for (const target of ['/shared', '/health'])
        expect(await cfOf(target, [bearer])).not.toHaveProperty('cacheTtl')
    } finally {
      await fetching.close()
    }
  },
)

test('the cache behind the Worker is used only on public routes, and where the route says so', async () => {
  const field: Field = [CF_FIELD, JSON.stringify({ colo: 'FRA' })]
  for (const target of ['/shared', '/health']) {
    const { body } = await send('GET', target, [bearer, field])
    expect((JSON.parse(body) as { cf: unknown }).cf).toEqual({ colo: 'FRA' })
  }
  // The cache is also bypassed for a request that report-only would have refused.
  const { body } = await send('GET', '/trial', [field])
  expect((JSON.parse(body) as { cf: unknown }).cf).toMatchObject({ cacheTtl: -1, cacheLevel: 'bypass' })
  await workerd.written(3)
})

test('every decision is one data point, by route, client and reason', async () => {
  await send('GET', '/orders', [bearer])
  await send('POST', '/orders', [bearer], 'x')
  await send('GET', '/trial', [])
  await send('GET', '/nowhere', [bearer])
  await workerd.written(4)
  const about = { ...STAMP, event: 'decision', issuer: 'main', client: 'client-1', count: 1 }
  const expected = [
    {
      ...about,
      outcome: 'allow',
      code: 'access_token',
      blame: '',
      method: 'GET',
      route: 'GET /orders',
      index: 'GET /orders',
    },
    {
      ...about,
      outcome: 'deny',
      code: 'insufficient_scope',
      blame: 'client',
      method: 'POST',
      route: 'POST /orders',
      index: 'POST /orders',
    },
    {
      ...about,
      outcome: 'would_deny',
      code: 'credential_missing',
      blame: 'client',
      method: 'GET',
      route: 'GET /trial',
      index: 'GET /trial',
      issuer: '',
      client: '',
    },
    {
      ...about,
      outcome: 'deny',
      code: 'route_unknown',
      blame: 'client',
      method: 'GET',
      route: '',
      index: 'decision',
      issuer: '',
      client: '',
    },
  ]
  expect(decisions()).toHaveLength(4)
  expect(decisions()).toEqual(expect.arrayContaining(expected))
  expect(JSON.stringify(workerd.points)).not.toContain(bearer[1].slice('Bearer '.length))
})

test('a route with a name longer than an index may be is counted, too', async () => {
  await send('GET', LONG, [bearer])
  await workerd.written(1)
  expect(decisions()).toMatchObject([{ index: `GET ${LONG}`.slice(0, 96), route: `GET ${LONG}` }])
})
