// `diagnostics` over a socket, to the Worker in workerd in front of a real origin: who sees the plan, and that every
// other response is the one of a Worker without the section.

import { once } from 'node:events'
import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { VERSION } from '../../../shared/platform/version.ts'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import type { Field } from '../../cases/row.ts'
import { openWorkerEdge, type WorkerEdge } from '../../edges/worker-edge.ts'
import { startStreamingOrigin } from '../../support/origin-process.ts'
import { RESOURCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'
import type { RawRequest } from '../../support/raw-http.ts'

const SECRET = 'kR8w'.repeat(8)
const HEADER = 'X-Diagnostics-Secret'
const GIVEN: Field = [HEADER, SECRET]
const APP: Field = ['Origin', 'https://app.test.example']

let world: CaseWorld
let showing: WorkerEdge
let without: WorkerEdge
let bearer: Field

beforeAll(async () => {
  world = await startCaseWorld()
  bearer = ['Authorization', `Bearer ${await world.main.token()}`]
  const config: LanekeeperConfig = {
    ...world.config,
    routes: [
      ...world.config.routes,
      { path: '/catalogue', methods: ['GET'], scope: { allOf: ['read'] }, sharedCaches: true },
    ],
    cors: { origins: [APP[1]], preflight: 'answer' },
  }
  const diagnostics = { header: HEADER, secret: { env: 'DIAGNOSTICS' } }
  const env = { ...world.env, DIAGNOSTICS: SECRET }
  ;[showing, without] = await Promise.all([
    openWorkerEdge({ ...config, diagnostics }, env),
    openWorkerEdge(config, env),
  ])
})

afterAll(async () => {
  await Promise.all([showing, without].map((edge) => edge.close()))
  await world.close()
})

const WELL_KNOWN = `/.well-known/oauth-protected-resource${new URL(RESOURCE).pathname.replace(/\/$/, '')}`
const PUBLIC: readonly Field[] = [['X-Echo-Cache-Control', 'public, max-age=60']]
const PREFLIGHT: readonly Field[] = [APP, ['Access-Control-Request-Method', 'GET']]

/** Requests of every kind, and the status of the response. */
const KINDS: readonly [string, (authorization: Field) => RawRequest, number][] = [
  ['an allowed request', (own) => ({ method: 'GET', target: '/orders', fields: [own] }), 200],
  ['a script', (own) => ({ method: 'GET', target: '/orders', fields: [own, APP] }), 200],
  ['a refused request', () => ({ method: 'GET', target: '/orders' }), 401],
  ['a request that no rule covers', (own) => ({ method: 'GET', target: '/nowhere', fields: [own] }), 403],
  ['a public route', () => ({ method: 'GET', target: '/health', fields: PUBLIC }), 200],
  [
    'a route for shared caches',
    (own) => ({ method: 'GET', target: '/catalogue', fields: [own, ...PUBLIC] }),
    200,
  ],
  ['a published document', () => ({ method: 'GET', target: WELL_KNOWN }), 200],
  ['a preflight', () => ({ method: 'OPTIONS', target: '/orders', fields: PREFLIGHT }), 204],
]

const withFields = (request: RawRequest, ...fields: Field[]): RawRequest => ({
  ...request,
  fields: [...(request.fields ?? []), ...fields],
})

/** The response without what differs between two equal ones. */
async function ask(edge: WorkerEdge, request: RawRequest) {
  const { response, seen } = await edge.sendRaw(request)
  const { date: _, ...headers } = response.headers
  return { ...response, headers, seen: JSON.stringify(seen?.rawHeaders ?? []).toLowerCase() }
}

test.each(KINDS)('%s with the secret sees the plan', async (_, toRequest, status) => {
  const request = toRequest(bearer)
  const plain = await ask(without, request)
  await showing.takeEvents()
  const shown = await ask(showing, withFields(request, GIVEN))
  const [event] = await showing.takeEvents()
  expect(plain.status).toBe(status)
  expect([shown.status, shown.body]).toEqual([plain.status, plain.body])
  expect(shown.headers['x-lanekeeper-plan']).toMatch(/^[\w-]{12} /)
  expect(shown.headers['x-lanekeeper-plan']!.split(' ')[1]).toBe(VERSION)
  if (event !== undefined) expect(shown.headers['x-lanekeeper-plan']!.split(' ')[0]).toBe(event.plan)
  expect(shown.headers['cache-control']).toBe('no-store')
  expect(shown.headers).not.toHaveProperty('access-control-expose-headers')
  expect(shown.seen).not.toContain(HEADER.toLowerCase())
})

const OTHERS: readonly [string, readonly Field[]][] = [
  ['no header', []],
  ['another secret', [[HEADER, 'kR8x'.repeat(8)]]],
  ['the beginning of the secret', [[HEADER, SECRET.slice(0, -1)]]],
  ['more than the secret', [[HEADER, `${SECRET}k`]]],
  ['a space in the secret', [[HEADER, `${SECRET.slice(0, 16)} ${SECRET.slice(16)}`]]],
  ['the header twice', [GIVEN, GIVEN]],
  ['the header twice, and one is empty', [GIVEN, [HEADER, '']]],
  ['an empty header', [[HEADER, '']]],
  ['bytes that are not ASCII', [[HEADER, `${SECRET.slice(0, -1)}é`]]],
  ['the scheme of a token', [[HEADER, `Bearer ${SECRET}`]]],
  ['another header', [['X-Diagnostics-Key', SECRET]]],
]

test.each(KINDS)('%s without the secret gets the usual response', async (_, toRequest) => {
  const request = toRequest(bearer)
  const { seen: _seen, ...plain } = await ask(without, request)
  for (const [what, fields] of OTHERS) {
    const { seen, ...response } = await ask(showing, withFields(request, ...fields))
    expect([what, response]).toEqual([what, plain])
    expect(seen).not.toContain(HEADER.toLowerCase())
  }
})

test('the spelling of the name does not matter, and no spelling reaches the origin', async () => {
  const request: RawRequest = { method: 'GET', target: '/health' }
  const lower = await ask(showing, withFields(request, [HEADER.toLowerCase(), ` ${SECRET} `]))
  expect(lower.headers).toHaveProperty('x-lanekeeper-plan')
  const other = await ask(showing, withFields(request, ['X_Diagnostics.Secret', SECRET]))
  expect(other.headers).not.toHaveProperty('x-lanekeeper-plan')
  for (const { seen } of [lower, other]) expect(seen).not.toContain(SECRET.toLowerCase())
  const passed = await ask(without, withFields(request, ['X_Diagnostics.Secret', SECRET]))
  expect(passed.seen).toContain(SECRET.toLowerCase())
})

test('an origin cannot write the field', async () => {
  const forged: Field = ['X-Echo-X-Lanekeeper-Plan', 'forged']
  const request = withFields({ method: 'GET', target: '/health' }, forged)
  expect((await ask(showing, request)).headers).not.toHaveProperty('x-lanekeeper-plan')
  expect((await ask(showing, withFields(request, GIVEN))).headers['x-lanekeeper-plan']).not.toContain(
    'forged',
  )
  expect((await ask(without, request)).headers['x-lanekeeper-plan']).toBe('forged')
})

test('a WebSocket is opened as ever, and its handshake shows nothing', async () => {
  const origin = await startStreamingOrigin()
  const edge = await openWorkerEdge(
    {
      ...world.config,
      origin: { url: origin.url },
      diagnostics: { header: HEADER, secret: { env: 'DIAGNOSTICS' } },
    },
    { ...world.env, DIAGNOSTICS: SECRET },
  )
  const start = (...fields: Field[]): ClientRequest =>
    httpRequest(`${edge.url}/files/socket`, {
      agent: false,
      headers: {
        connection: `Upgrade, ${HEADER}`,
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...Object.fromEntries(fields),
      },
    }).end()
  try {
    const [refused] = (await once(start(GIVEN), 'response')) as [IncomingMessage]
    expect(refused.statusCode).toBe(401)
    expect(refused.headers).toHaveProperty('x-lanekeeper-plan')
    const [response, socket] = (await once(start(GIVEN, bearer), 'upgrade')) as [IncomingMessage, Duplex]
    expect(response.statusCode).toBe(101)
    expect(response.headers).not.toHaveProperty('x-lanekeeper-plan')
    socket.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]))
    const [frame] = (await once(socket, 'data')) as [Buffer]
    expect(frame.subarray(2).toString()).toBe('hi for user-1')
    socket.destroy()
    expect(origin.seen).toHaveLength(1)
    expect(JSON.stringify(origin.seen)).not.toContain(SECRET)
  } finally {
    await edge.close()
    await origin.close()
  }
})

test('no event has the secret', async () => {
  await showing.takeEvents()
  for (const [, toRequest] of KINDS) await ask(showing, withFields(toRequest(bearer), GIVEN))
  const events = await showing.takeEvents()
  expect(events.length).toBeGreaterThanOrEqual(KINDS.length - 1)
  expect(JSON.stringify(events)).not.toMatch(new RegExp(`${SECRET}|${HEADER}`, 'i'))
})
