// Receivers of a Fetch edge: by exact path, before every rule, with a bounded body, and apart from CORS and the origin.

import { beforeEach, describe, expect, test } from 'vitest'
import { ALL_FETCH_PARTS } from '../../../functions/fetch/all-parts.ts'
import { createFetchHandler, type FetchParts } from '../../../functions/fetch/handler.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { createLogoutWorld, logoutConfig, type LogoutWorld } from '../../support/logout-world.ts'

const EDGE = 'https://edge.test.example'
const APP = 'https://app.test.example'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

let world: LogoutWorld
let sent: string[]

beforeEach(async () => {
  world = await createLogoutWorld()
  sent = []
})

function startHandler(change: Partial<LanekeeperConfig> = {}, parts: FetchParts = ALL_FETCH_PARTS) {
  const config: LanekeeperConfig = {
    ...logoutConfig(),
    origin: { url: 'https://origin.test.example' },
    publicUrls: [EDGE],
    cors: { origins: [APP], preflight: 'answer' },
    ...change,
  }
  const runtime = {
    readRequestId: () => undefined,
    readClientCertificate: () => null,
    copyRequest: (request: Request, url: string) => new Request(url, { method: request.method }),
    send: async ({ url }: Request) => (sent.push(url), new Response()),
  }
  return createFetchHandler(world.open({}, config) as never, world.ports, runtime as never, parts, {})
}

const post = async (target = '/logout', init: RequestInit = {}) =>
  new Request(`${EDGE}${target}`, { method: 'POST', headers: FORM, body: await world.bodyOf(), ...init })

describe('a message', () => {
  test('is received, and neither sent on nor decided about', async () => {
    const response = await startHandler()(await post())
    expect([response.status, await response.text()]).toEqual([200, ''])
    expect(world.written).toHaveLength(1)
    expect(sent).toEqual([])
    expect(world.events.map(({ event }) => event)).not.toContain('decision')
  })

  test('is received also where a public rule covers every path', async () => {
    const handle = startHandler({ routes: [{ path: '/{path+}', methods: ['POST', 'GET'], public: true }] })
    expect((await handle(await post())).status).toBe(200)
    expect(sent).toEqual([])
    expect((await handle(await post('/logouts'))).status).toBe(200)
    expect(sent).toHaveLength(1)
    expect(world.written).toHaveLength(1)
  })

  test('may have a query', async () => {
    expect((await startHandler()(await post('/logout?tenant=one'))).status).toBe(200)
  })

  test.each(['/logout/', '/Logout', '/logout%2F', '/%6Cogout', '//logout', '/logout/x', '/x/logout'])(
    'is not received at %s',
    async (target) => {
      expect((await startHandler()(await post(target))).status).toBeGreaterThanOrEqual(400)
      expect(world.written).toEqual([])
    },
  )

  test('is not received for a host that is not listed', async () => {
    const request = new Request('https://else.test.example/logout', await post())
    expect((await startHandler()(request)).status).toBe(421)
    expect(world.written).toEqual([])
  })

  test('keeps the work alive', async () => {
    const works: Promise<unknown>[] = []
    await startHandler()(await post(), (work) => void works.push(work))
    expect(works.length).toBeGreaterThan(0)
    await Promise.all(works)
  })
})

describe('no script of another site', () => {
  const headers = { ...FORM, origin: APP }

  test('is answered with CORS fields', async () => {
    const response = await startHandler()(await post('/logout', { headers }))
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toEqual({ 'cache-control': 'no-store' })
  })

  test('has a preflight answered', async () => {
    const preflight = { method: 'OPTIONS', headers: { ...headers, 'access-control-request-method': 'POST' } }
    const response = await startHandler()(new Request(`${EDGE}/logout`, preflight))
    expect(response.status).toBe(405)
    expect(Object.fromEntries(response.headers)).toEqual({ allow: 'POST', 'cache-control': 'no-store' })
  })
})

/** A body of chunks of 1 000 bytes; `read`: how many were asked for. */
function stream(chunks: number) {
  const seen = { read: 0, isCancelled: false }
  const body = new ReadableStream({
    pull(controller) {
      if (seen.read++ === chunks) controller.close()
      else controller.enqueue(new Uint8Array(1_000).fill(0x61))
    },
    cancel() {
      seen.isCancelled = true
    },
  })
  return { seen, body, duplex: 'half' }
}

test('a body is read no further than the limit', async () => {
  const { seen, ...init } = stream(10_000)
  expect((await startHandler()(await post('/logout', init))).status).toBe(400)
  expect(seen.isCancelled).toBe(true)
  expect(seen.read).toBeLessThan(25)
})

test('a body of many chunks is read to its end', async () => {
  const { seen, ...init } = stream(16)
  const response = await startHandler()(await post('/logout', init))
  expect(await response.json()).toMatchObject({ error_description: 'The parameter logout_token is missing.' })
  expect(seen).toEqual({ read: 17, isCancelled: false })
})

test('a request without a body is refused', async () => {
  const response = await startHandler()(new Request(`${EDGE}/logout`, { method: 'POST', headers: FORM }))
  expect(response.status).toBe(400)
})

test('a body that breaks off is 503', async () => {
  const body = new ReadableStream({ pull: (controller) => controller.error(new Error('broken')) })
  const response = await startHandler()(await post('/logout', { body, duplex: 'half' } as RequestInit))
  expect(response.status).toBe(503)
})

test('without the part, or without the section, the path is one as any other', async () => {
  const { receivers: _, ...parts } = ALL_FETCH_PARTS
  expect((await startHandler({}, parts)(await post())).status).toBe(403)
  const { revocation } = logoutConfig(false)
  expect((await startHandler({ revocation: revocation! })(await post())).status).toBe(403)
  expect(world.written).toEqual([])
})
