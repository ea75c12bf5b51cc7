// Properties of every decision, independent of the case rows: it is always a value, it never depends on the report, and
// concurrent requests do not influence each other.

import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createAuthorizer,
  resolveConfig,
  webCrypto,
  type AuthorizationRequest,
  type ConfigEnvironment,
  type KeyedIssuerConfig,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import { assembleAllParts } from '../../shared/authorizer.ts'
import { FRESHNESS } from '../../shared/keys/freshness.ts'
import { findLeaks } from '../support/leaks.ts'
import { CORE_ROWS } from '../cases/index.ts'
import { createMemoryRevocations } from '../support/memory-revocations.ts'
import { until } from '../support/time.ts'
import { AUDIENCE, startCaseWorld, type CaseWorld } from '../support/case-world.ts'

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const create = (ports: Partial<Ports> = {}) =>
  createAuthorizer(
    world.config,
    { fetch, now: Date.now, report: () => {}, secrets: world.secrets, ...ports },
    { env: world.env },
  )

const request = (token: string, path = '/orders'): AuthorizationRequest => ({
  method: 'GET',
  path,
  authorization: [`Bearer ${token}`],
  accessTokenInQuery: false,
})

test('a defect in a port is a refusal that blames the operator', async () => {
  const events: ReportEvent[] = []
  const now = () => {
    throw new RangeError(`secret ${'x'.repeat(20)}`)
  }
  const decision = await create({ now, report: (event) => void events.push(event) }).authorize(
    request(await world.main.token()),
  )
  expect(decision).toEqual({
    allow: false,
    route: 'GET /orders',
    code: 'internal_error',
    detail: { error: 'RangeError' },
    retryAfterSeconds: 1,
  })
  expect(events).toMatchObject([{ code: 'internal_error', blame: 'operator' }])
})

test('a warning about the configuration is reported once, before any request', async () => {
  const events: ReportEvent[] = []
  const { main } = world.config.issuers
  const issuer = { ...main, issuer: 'https://acme.auth0.example/' }
  const create = (profile: 'auth0' | 'auth0-rfc9068') =>
    createAuthorizer(
      {
        issuers: { main: { ...issuer, profile } as KeyedIssuerConfig },
        routes: world.config.routes.slice(0, 1),
      },
      { fetch, now: Date.now, report: (event) => void events.push(event) },
    )
  create('auth0-rfc9068')
  expect(events).toEqual([])
  const authorizer = create('auth0')
  const warning = {
    ...{ event: 'config', outcome: 'accepted', code: 'warning', setting: 'issuers.main.profile' },
    message: 'auth0 is called auth0-rfc9068 now; the old name goes away in 0.3.0',
  }
  expect(events).toMatchObject([warning])
  await authorizer.authorize(request('x', '/health'))
  expect(events.map(({ event }) => event)).toEqual(['config', 'decision'])
})

test('isUnnameable refuses what exceedsPolicyResource refuses, and is reported once', async () => {
  const events: ReportEvent[] = []
  const authorizer = create({ report: (event) => void events.push(event) })
  const good = request(await world.main.token())
  const refusal = {
    ...{ allow: false, code: 'target_too_long', detail: { problem: 'cannot_be_named' } },
    route: 'GET /orders',
  }
  expect(await authorizer.authorize({ ...good, exceedsPolicyResource: true })).toEqual(refusal)
  expect(events.splice(0).map(({ event }) => event)).toEqual(['decision'])
  for (const _ of [1, 2]) expect(await authorizer.authorize({ ...good, isUnnameable: true })).toEqual(refusal)
  expect(await authorizer.authorize({ ...good, isUnnameable: false })).toMatchObject({ allow: true })
  expect(events.filter(({ event }) => event === 'config')).toMatchObject([
    {
      ...{ event: 'config', outcome: 'accepted', code: 'warning', setting: 'request.isUnnameable' },
      message: 'is called exceedsPolicyResource now; the old name goes away in 0.3.0',
    },
  ])
})

test.each([
  [{ exceedsPolicyResource: true, isUnnameable: false }],
  [{ exceedsPolicyResource: false, isUnnameable: true }],
])('%j: neither name undoes the other', async (names) => {
  const decision = await create().authorize({ ...request(await world.main.token()), ...names })
  expect(decision).toMatchObject({ allow: false, code: 'target_too_long' })
})

test('where revocation is configured, its store is a port that has to be there', async () => {
  const config = { ...world.config, revocation: { durableObject: 'REVOCATIONS' } }
  const ports = { fetch, now: Date.now, report: () => {}, secrets: world.secrets }
  const creations = [
    (more: Partial<Ports>) => createAuthorizer(config, { ...ports, ...more }, { env: world.env }),
    (more: Partial<Ports>) =>
      assembleAllParts(resolveConfig(config, { env: world.env }), { ...ports, crypto: webCrypto, ...more }),
  ]
  for (const create of creations) {
    expect(() => create({})).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        problems: [{ path: 'revocation', message: 'needs the port revocations' }],
      }),
    )
    const authorizer = create({ revocations: createMemoryRevocations() })
    expect(await authorizer.authorize(request(await world.main.token()))).toMatchObject({ allow: true })
  }
})

const isOther: ConfigEnvironment['fitsContext'] = ({ clientId }) => clientId !== 'client-1'

test.each<[string, ConfigEnvironment, number]>([
  ['canCarry', { canCarry: isOther }, 1],
  ['fitsContext', { fitsContext: isOther }, 0],
  ['fitsContext and not canCarry', { canCarry: () => true, fitsContext: isOther }, 1],
])('%s says whether the identity of a grant fits', async (_, environment, warnings) => {
  const events: ReportEvent[] = []
  const authorizer = createAuthorizer(
    world.config,
    { fetch, now: Date.now, report: (event) => void events.push(event), secrets: world.secrets },
    { env: world.env, ...environment },
  )
  expect(events).toHaveLength(warnings)
  expect(await authorizer.authorize(request(await world.main.token()))).toMatchObject({
    allow: false,
    code: 'identity_inexpressible',
    detail: { problem: 'too_large' },
  })
  const other = await world.main.token({ claims: { client_id: 'client-2' } })
  expect(await authorizer.authorize(request(other))).toMatchObject({ allow: true })
})

test.each([
  ['GET', '/orders/', 'route_unknown', 'trailing_slash'],
  ['PURGE', '/orders', 'method_unknown', 'method'],
  ['GET', '//orders', 'target_ambiguous', 'empty_segment'],
])('report-only logs the rule that %s %s just misses', async (method, path, code, problem) => {
  const nearest = async (reportOnly: boolean) => {
    const events: ReportEvent[] = []
    const ports = { fetch, now: Date.now, report: (event: ReportEvent) => void events.push(event) }
    const config = { ...world.config, reportOnly }
    const authorizer = createAuthorizer(config, { ...ports, secrets: world.secrets }, { env: world.env })
    await authorizer.authorize({ ...request('x'), method, path })
    return events
  }
  const detail = { nearest: expect.stringMatching(/ \/orders$/), problem }
  expect(await nearest(true)).toMatchObject([{ event: 'decision', outcome: 'would_deny', code, detail }])
  expect(await nearest(false)).toMatchObject([{ event: 'decision', outcome: 'deny', code, detail }])
})

test('an invalid argument is a refusal, even in report-only', async () => {
  const events: ReportEvent[] = []
  const authorizer = createAuthorizer(
    { ...world.config, reportOnly: true },
    { fetch, now: Date.now, report: (event) => void events.push(event), secrets: world.secrets },
    { env: world.env },
  )
  const good = request(await world.main.token())
  const hostile = Object.defineProperty({ ...good }, 'path', {
    get: () => {
      throw new Error('secret')
    },
  })
  for (const wrong of [null, undefined, 'GET /health', { ...good, path: 7 }, hostile]) {
    const decision = await authorizer.authorize(wrong as never)
    expect(decision).toMatchObject({ allow: false, code: 'request_unrecognised' })
    expect(JSON.stringify(decision)).not.toContain('secret')
    expect(events.splice(0)).toMatchObject([
      {
        outcome: 'deny',
        code: 'request_unrecognised',
        blame: 'operator',
        detail: { use: expect.any(String) },
      },
    ])
    expect(await authorizer.examine(wrong as never)).toEqual({ decision, grant: null })
    events.splice(0)
  }
  expect(await authorizer.authorize(good)).toMatchObject({ allow: true, grant: { clientId: 'client-1' } })
})

test.each([
  ['a JWT', () => world.main.token({ claims: { groups: ['staff'] } })],
  [
    'a token that its issuer was asked about',
    async () =>
      world.opaque.issue('in_', {
        json: {
          ...{ active: true, token_type: 'Bearer', sub: 'user-1', aud: AUDIENCE, client_id: 'client-1' },
          ...{ scope: 'read', groups: ['staff'] },
        },
      }),
  ],
])('a caller cannot change the grant of the next request with %s', async (_, issue) => {
  const authorizer = create()
  const sent = request(await issue())
  const granted = async () => {
    const decision = await authorizer.authorize(sent)
    return decision.allow ? decision.grant! : null
  }
  const grant = await granted()
  expect(grant).toMatchObject({ scopes: ['read'], facts: { groups: ['staff'] } })
  for (const list of [grant!.scopes, grant!.facts['groups']])
    expect(() => (list as string[]).push('admin')).toThrow(TypeError)
  expect(() => Object.assign(grant!.principal, { id: 'user-2' })).toThrow(TypeError)
  expect(await granted()).toMatchObject({
    principal: { id: 'user-1' },
    scopes: ['read'],
    facts: { groups: ['staff'] },
  })
})

test('a report that throws changes nothing, not even in the background', async () => {
  const authorizer = create({
    report: () => {
      throw new Error('full disk')
    },
  })
  expect(await authorizer.authorize(request(await world.main.token()))).toMatchObject({ allow: true })
  expect(await authorizer.authorize(request('x'))).toMatchObject({ code: 'token_opaque' })
})

test('a waitUntil that throws changes nothing, not even in the background', async () => {
  let clock = Date.now()
  const authorizer = create({ now: () => clock })
  const sent = request(await world.main.token({ claims: { exp: Math.floor(clock / 1000) + 1_800 } }))
  const waitUntil = () => {
    throw new TypeError('Illegal invocation')
  }
  const fetched = world.main.fetches()
  expect(await authorizer.authorize(sent, waitUntil)).toMatchObject({ allow: true })
  clock += FRESHNESS.freshMs
  expect(await authorizer.authorize(sent, waitUntil)).toMatchObject({ allow: true })
  await until(() => world.main.fetches() === fetched + 2)
})

// An unhandled rejection fails the run, as it would end a process.
test('a clock that fails in the background fails no request', async () => {
  const start = Date.now()
  let now: () => number = () => start
  const fails = () => {
    throw new RangeError('no clock')
  }
  const authorizer = create({
    now: () => now(),
    async fetch(url, init) {
      const response = await fetch(url, init)
      if (now() > start && url.endsWith('/jwks')) now = fails
      return response
    },
  })
  const sent = request(await world.main.token({ claims: { exp: Math.floor(start / 1000) + 1_800 } }))
  expect(await authorizer.authorize(sent)).toMatchObject({ allow: true })
  now = () => start + FRESHNESS.freshMs
  expect(await authorizer.authorize(sent)).toMatchObject({ allow: true })
  await until(() => now === fails)
})

test('no decision and no report has a piece of a token', async () => {
  const events: ReportEvent[] = []
  const authorizer = create({ report: (event) => void events.push(event) })
  const output: string[] = []
  const tokens: string[] = []
  for (const row of CORE_ROWS) {
    const { method, path, authorization } = await row.request(world)
    const decision = await authorizer.authorize({ method, path, authorization, accessTokenInQuery: false })
    output.push(JSON.stringify(decision.allow ? {} : decision))
    tokens.push(...authorization)
  }
  const text = [...output, ...events.map((event) => JSON.stringify(event))].join('\n')
  expect(
    findLeaks(
      text,
      tokens.filter((token) => token.length > 40),
    ),
  ).toEqual([])
  expect(text).not.toContain('user-1')
  expect(text.replaceAll(/"client":"client-1"/g, '')).not.toContain('client-1')
})

test('concurrent requests do not influence each other', async () => {
  const authorizer = create()
  const users = Array.from({ length: 60 }, (_, index) => `user-${index}`)
  const decisions = await Promise.all(
    users.map(async (sub, index) => {
      const issuer = index % 2 === 0 ? world.main : world.other
      const scope = index % 3 === 0 ? 'other' : 'read'
      return authorizer.authorize(request(await issuer.token({ claims: { sub, scope } })))
    }),
  )
  for (const [index, decision] of decisions.entries()) {
    if (index % 3 === 0) expect(decision).toMatchObject({ allow: false, code: 'insufficient_scope' })
    else
      expect(decision).toMatchObject({
        allow: true,
        grant: { principal: { id: users[index] }, issuer: index % 2 === 0 ? 'main' : 'other' },
      })
  }
})
