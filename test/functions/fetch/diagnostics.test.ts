// `diagnostics` on a runtime that has nothing but the Fetch standard: who waits for the secret, what caches do with the
// response, and what happens to a field of the same name from the origin. Over a socket, in workerd:
// test/functions/cloudflare/diagnostics.test.ts.

import CachePolicy from 'http-cache-semantics'
import { describe, expect, test } from 'vitest'
import { CLOUDFLARE_EDGE } from '../../../functions/cloudflare/compile.ts'
import { ALL_FETCH_PARTS } from '../../../functions/fetch/all-parts.ts'
import { createFetchHandler, type FetchRuntime } from '../../../functions/fetch/handler.ts'
import { compileFor } from '../../../shared/compiler.ts'
import {
  createAuthorizer,
  type GivenPorts,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../shared/index.ts'

const SECRET = 'kR8w'.repeat(8)
const STAMP = { plan: 'q3VxS0aB1c2d', version: '0.2.0' }
const SHOWN = 'q3VxS0aB1c2d 0.2.0'
const HEADER = 'X-Diagnostics-Secret'

const CONFIG: LanekeeperConfig = {
  issuers: {
    main: {
      issuer: 'https://login.test.example',
      audience: 'https://api.test.example',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [
    { path: '/open', methods: ['GET', 'HEAD'], public: true },
    { path: '/orders', methods: ['GET'], scope: 'none' },
  ],
  origin: { url: 'https://origin.test.example' },
  diagnostics: { header: HEADER, secret: { env: 'DIAGNOSTICS' } },
}

const { diagnostics: _, ...WITHOUT } = CONFIG

type Fields = Readonly<Record<string, string>>

function start(
  respond: () => Response = () => new Response('body'),
  secrets: NonNullable<GivenPorts['secrets']> = async () => SECRET,
  config: LanekeeperConfig = CONFIG,
) {
  const events: ReportEvent[] = []
  const sent: Request[] = []
  const ports = { fetch, now: () => 0, report: (event: ReportEvent) => void events.push(event), secrets }
  const runtime: FetchRuntime = {
    readRequestId: () => undefined,
    readClientCertificate: () => null,
    copyRequest: ({ method, headers }, url) => new Request(url, { method, headers }),
    send: async (request) => {
      sent.push(request)
      return respond()
    },
  }
  const authorizer = createAuthorizer(config, ports, {
    needsOrigin: true,
    env: { DIAGNOSTICS: SECRET },
  })
  const handle = createFetchHandler(authorizer, ports, runtime, ALL_FETCH_PARTS, STAMP)
  const ask = (headers: Fields = {}, path = '/open', method = 'GET') =>
    handle(new Request(`https://api.test.example${path}`, { method, headers }))
  return { ask, events, sent }
}

const givenSecret = { [HEADER]: SECRET }
const shownBy = ({ headers }: Response) => headers.get('x-lanekeeper-plan')

test('a request with the secret sees the plan, and the origin does not see the secret', async () => {
  const { ask, events, sent } = start()
  expect(shownBy(await ask(givenSecret))).toBe(SHOWN)
  expect(shownBy(await ask({ [HEADER]: `${SECRET}x` }))).toBe(null)
  expect(shownBy(await ask())).toBe(null)
  expect(sent.map(({ headers }) => headers.has(HEADER))).toEqual([false, false, false])
  expect(JSON.stringify(events)).not.toContain(SECRET)
})

test('a refusal and a failure of the origin show it, too', async () => {
  const unreachable = () => {
    throw new TypeError('unreachable')
  }
  const { ask } = start(unreachable)
  const refused = await ask(givenSecret, '/orders')
  const broken = await ask(givenSecret)
  expect([refused.status, shownBy(refused)]).toEqual([401, SHOWN])
  expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
  expect([broken.status, shownBy(broken)]).toEqual([502, SHOWN])
})

describe('the secret', () => {
  test('is not loaded for a request without the header', async () => {
    let loads = 0
    const { ask } = start(undefined, async () => {
      loads++
      return SECRET
    })
    await ask()
    await ask({}, '/orders')
    expect(loads).toBe(0)
    await ask(givenSecret)
    expect(loads).toBe(1)
  })

  test('is loaded while the request is decided and sent, and delays no other', async () => {
    let load = (_secret: string): void => {}
    const loading = new Promise<string>((resolve) => {
      load = resolve
    })
    const { ask, events, sent } = start(undefined, () => loading)
    let settled = false
    const shown = ask(givenSecret).finally(() => {
      settled = true
    })
    expect((await ask()).status).toBe(200)
    expect(sent).toHaveLength(2)
    expect(events.filter(({ event }) => event === 'decision')).toHaveLength(2)
    expect(settled).toBe(false)
    load(SECRET)
    expect(shownBy(await shown)).toBe(SHOWN)
  })

  test.each([
    ['throws', () => Promise.reject(new Error(SECRET)), 'load_failed'],
    ['has nothing', async () => undefined, 'missing'],
  ])(
    'of a store that %s shows nothing, and every request is decided as ever',
    async (_what, secrets, code) => {
      const { ask, events } = start(undefined, secrets)
      const open = await ask(givenSecret)
      const refused = await ask(givenSecret, '/orders')
      expect([open.status, shownBy(open), await open.text()]).toEqual([200, null, 'body'])
      expect([refused.status, shownBy(refused)]).toEqual([401, null])
      expect(events.filter(({ event }) => event === 'secret')).toEqual([
        { event: 'secret', outcome: 'failed', secret: 'diagnostics.secret', code },
      ])
      expect(JSON.stringify(events)).not.toContain(SECRET)
    },
  )
})

describe('a field of this name from the origin', () => {
  const forged = () => new Response('body', { headers: { 'x-lanekeeper-plan': 'forged', 'x-a': 'b' } })

  test('is removed, or replaced for a request with the secret', async () => {
    const { ask } = start(forged)
    const other = await ask()
    expect([shownBy(other), other.headers.get('x-a'), await other.text()]).toEqual([null, 'b', 'body'])
    expect(shownBy(await ask({ [HEADER]: 'wrong' }))).toBe(null)
    expect(shownBy(await ask(givenSecret))).toBe(SHOWN)
  })

  test('passes where diagnostics is not configured', async () => {
    const { ask } = start(forged, undefined, WITHOUT)
    expect(shownBy(await ask(givenSecret))).toBe('forged')
  })
})

describe('no cache stores a response that shows it', () => {
  const sharedBy =
    (fields: Fields, status = 200) =>
    () =>
      new Response(null, { status, headers: fields })

  const isStored = async (response: Response, method: string, shared: boolean) =>
    new CachePolicy(
      { url: '/open', method, headers: {} },
      { status: response.status, headers: Object.fromEntries(response.headers) },
      { shared },
    ).storable()

  test.each([
    ['public', { 'cache-control': 'public, max-age=60' }, 200],
    ['s-maxage', { 'cache-control': 's-maxage=60' }, 200],
    ['nothing', { etag: '"a"' }, 200],
    ['a redirect', { location: '/', expires: 'Thu, 01 Jan 2099 00:00:00 GMT' }, 301],
  ] as const)('where the origin says %s', async (_what, fields, status) => {
    const { ask } = start(sharedBy(fields, status))
    const [shown, other] = [await ask(givenSecret), await ask()]
    expect(await isStored(other, 'GET', true)).toBe(true)
    expect(await isStored(shown, 'GET', true)).toBe(false)
    expect(await isStored(shown, 'GET', false)).toBe(false)
  })

  test('which reads another field than Cache-Control', async () => {
    const fields = {
      'cdn-cache-control': 'max-age=60',
      'surrogate-control': 'max-age=60',
      'x-accel-expires': '60',
    }
    const { ask } = start(sharedBy(fields))
    const shown = await ask(givenSecret)
    expect(Object.fromEntries(shown.headers)).toEqual({
      'cache-control': 'no-store',
      'x-lanekeeper-plan': SHOWN,
    })
    expect(Object.fromEntries((await ask()).headers)).toEqual(fields)
  })

  test('nor takes it from a 304 or the answer to a HEAD', async () => {
    const { ask } = start(sharedBy({ etag: '"a"', 'cache-control': 'public, max-age=60' }, 304))
    const notModified = await ask({ ...givenSecret, 'if-none-match': '"a"' })
    expect([notModified.status, notModified.headers.get('cache-control')]).toEqual([304, 'no-store'])
    const head = await start(sharedBy({ 'cache-control': 'public, max-age=60' })).ask(
      givenSecret,
      '/open',
      'HEAD',
    )
    expect([shownBy(head), head.headers.get('cache-control')]).toEqual([SHOWN, 'no-store'])
  })
})

test('no script of another origin reads it, whatever the origin exposes', async () => {
  const exposing = () =>
    new Response('', {
      headers: {
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'X-Lanekeeper-Plan, *',
      },
    })
  const { ask } = start(exposing)
  const shown = await ask({ ...givenSecret, origin: 'https://app.test.example' })
  expect([shownBy(shown), shown.headers.has('access-control-expose-headers')]).toEqual([SHOWN, false])
  expect((await ask()).headers.get('access-control-expose-headers')).toBe('X-Lanekeeper-Plan, *')
})

test('the Worker carries the part where it is configured, and looks for the secret when it starts', () => {
  const compiled = (config: LanekeeperConfig) => compileFor(CLOUDFLARE_EDGE, config, {}, true)
  const part = { name: 'fetch/diagnostics', because: 'diagnostics' }
  expect(compiled(CONFIG).parts).toContainEqual(part)
  expect(compiled(CONFIG).plan.secrets).toEqual([
    { path: 'diagnostics.secret', ref: { env: 'DIAGNOSTICS' }, use: 'fingerprint_key' },
  ])
  expect(compiled(WITHOUT).parts).not.toContainEqual(part)
  expect(compiled(WITHOUT).plan.hash).not.toBe(compiled(CONFIG).plan.hash)
})
