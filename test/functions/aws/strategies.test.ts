// The caching strategies and the other settings of an authorizer function, through the handler: what an answer grants,
// for how long, to whom, and where the token of a handshake is.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthorizerEvent } from '../../../functions/aws/event.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import { planTable } from '../../../functions/aws/table/plan.ts'
import { resolveConfig } from '../../../shared/index.ts'
import type { AwsConfig, LanekeeperConfig, ReportEvent, RouteRule } from '../../../shared/index.ts'
import { entraV2 } from '../../cases/providers/microsoft.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { TENANTS_AUDIENCE } from '../../support/provider-issuers.ts'
import { RESOURCE, startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

const STAGE = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod'

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

interface Statement {
  Effect: string
  Resource: string | string[]
  Condition?: object
}

interface Policy {
  principalId: string
  policyDocument: { Statement: Statement[] }
  context: Record<string, string>
  usageIdentifierKey?: string
}

async function call(
  event: unknown,
  config: Partial<LanekeeperConfig> = {},
  env: Record<string, string> = {},
) {
  const events: ReportEvent[] = []
  const handler = createHandler(
    { ...world.config, ...config },
    { ...world.env, ...env },
    {
      report: (each) => void events.push(each),
    },
  )
  const outcome = await handler(event as AuthorizerEvent).then(
    (answer) => ({ answer: answer as unknown as Policy, thrown: null }),
    (error: Error) => ({ answer: null, thrown: error.message }),
  )
  return { ...outcome, codes: events.flatMap((each) => (each.event === 'decision' ? each.code : [])) }
}

const ROUTES: RouteRule[] = [
  { path: '/health', methods: ['GET'], public: true },
  { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } },
  { path: '/orders', methods: ['POST'], scope: { allOf: ['write'] } },
  { path: '/orders/{id}', methods: ['GET'], scope: { allOf: ['read'] } },
  { path: '/orders/special', methods: ['GET'], scope: { allOf: ['special'] } },
]

const tokenEvent = async (path: string, claims: object = {}, method = 'GET') =>
  TO_EVENT.rest_token({
    method,
    path,
    authorization: [`Bearer ${await world.main.token({ claims: claims as never })}`],
  })

const TABLE: Partial<LanekeeperConfig> = { routes: ROUTES, aws: { strategy: 'table' } }

describe('table', () => {
  test('one policy for everything that the token may do: verbs and paths by name, and no pattern for a parameter', async () => {
    const { answer } = await call(await tokenEvent('/orders', { scope: 'read' }), TABLE)
    expect(answer!.policyDocument.Statement).toMatchObject([
      {
        Effect: 'Allow',
        Resource: ['GET/health', 'GET/orders', 'HEAD/health', 'HEAD/orders'].map(
          (text) => `${STAGE}/${text}`,
        ),
        Condition: { DateLessThan: {} },
      },
    ])
    const special = await call(await tokenEvent('/orders', { scope: 'special' }), TABLE)
    expect(special.answer!.policyDocument.Statement[0]!.Resource).toContain(`${STAGE}/GET/orders/special`)
  })

  test('is the same for every request, and has nothing of the request', async () => {
    const token = await world.main.token({ claims: { scope: 'read' } })
    const ask = (path: string, method: string) =>
      call(TO_EVENT.rest_token({ method, path, authorization: [`Bearer ${token}`] }), TABLE)
    const [first, ...others] = await Promise.all([
      ask('/orders', 'GET'),
      ask('/orders/special', 'GET'),
      ask('/nowhere', 'DELETE'),
      ask('/health', 'GET'),
    ])
    for (const { answer } of others) {
      expect(answer!.policyDocument).toEqual(first!.answer!.policyDocument)
      expect({ ...answer!.context, decided_at: '' }).toEqual({ ...first!.answer!.context, decided_at: '' })
    }
    expect(first!.answer!.context).toMatchObject({ subject: 'user-1', scope: 'read' })
    expect(first!.answer!.context).not.toHaveProperty('code')
    expect(others.map(({ codes }) => codes)).toEqual([['insufficient_scope'], ['route_unknown'], ['public']])
  })

  test('a token without any of the scopes is denied everything; an invalid one is an error, on public routes too', async () => {
    const { answer } = await call(await tokenEvent('/orders', { scope: 'none' }), {
      ...TABLE,
      routes: ROUTES.slice(1),
    })
    expect(answer!.policyDocument.Statement).toMatchObject([{ Effect: 'Deny', Resource: `${STAGE}/*` }])
    expect((await call(await tokenEvent('/health', { exp: 1 }), TABLE)).thrown).toBe('Unauthorized')
    expect((await call(await tokenEvent('/health', {}), TABLE)).thrown).toBeNull()
  })

  test('another kind of API gets an answer about the one request', async () => {
    const event = TO_EVENT.rest_request({
      method: 'GET',
      path: '/orders',
      authorization: [`Bearer ${await world.main.token({ claims: { scope: 'read' } })}`],
    })
    const { answer } = await call(event, TABLE)
    expect(answer!.policyDocument.Statement).toMatchObject([
      { Effect: 'Allow', Resource: `${STAGE}/GET/orders` },
    ])
  })

  test('routes that no patterns can express stop the function from starting, and are named', async () => {
    const routes = ROUTES.filter(({ path }) => path.includes('{'))
    expect(() => createHandler({ ...world.config, ...TABLE, routes }, world.env)).toThrow(
      /aws\.strategy: cannot be "table".*no route with a parameter.*GET \/orders\/\{id\}/,
    )
    expect(() =>
      createHandler({ ...world.config, ...TABLE, routes: [...routes, ROUTES[1]!] }, world.env),
    ).not.toThrow()
    expect(() =>
      createHandler({ ...world.config, ...TABLE, routes, aws: { strategy: 'exact' } }, world.env),
    ).not.toThrow()
  })
})

test('a table is refused for a rule that reaches into a resource', () => {
  const given = { ...world.config, routes: ROUTES, resources: [{ identifier: RESOURCE }] }
  const own: RouteRule = { path: '/resource/{a}', methods: ['GET'], scope: 'none' }
  const planOf = (routes: readonly RouteRule[]) =>
    planTable(resolveConfig({ ...given, routes }, { env: world.env }))
  expect(planOf(ROUTES)).toHaveProperty('plan')
  expect(planOf([...ROUTES, own])).toMatchObject({
    clashes: [{ routes: ['GET /resource/{a}'], reason: 'the route demands more than scopes (resources)' }],
  })
})

test('a table is refused for a rule with a demand that it cannot express', () => {
  const config = resolveConfig({ ...world.config, routes: ROUTES }, { env: world.env })
  const [first, ...others] = config.routes
  expect(planTable(config)).toHaveProperty('plan')
  const unknownDemand = { ...first!, somethingNew: { asked: 1 } } as never
  expect(planTable({ ...config, routes: [unknownDemand, ...others] })).toMatchObject({
    clashes: [{ reason: 'the route demands more than scopes (somethingNew)' }],
  })
})

describe('the size of a table', () => {
  const routesOf = (count: number): RouteRule[] =>
    Array.from({ length: count }, (_, at) => ({
      path: `/resource-${String(at).padStart(2, '0')}`,
      methods: ['GET'],
      scope: { allOf: ['read'] },
    }))
  const planOf = (count: number) =>
    planTable(resolveConfig({ ...world.config, routes: routesOf(count) }, { env: world.env }))

  test('is bounded when the configuration is checked: the largest that passes fits, one route more does not', async () => {
    const fitting = Array.from({ length: 60 }, (_, at) => at + 1).findLast(
      (count) => 'plan' in planOf(count),
    )!
    expect(fitting).toBeGreaterThan(5)
    expect(planOf(fitting + 1)).toMatchObject({
      clashes: [{ reason: expect.stringMatching(/^the policy could have \d{4,} bytes, more than 8192/) }],
    })
    const { answer } = await call(await tokenEvent('/resource-00', { scope: 'read' }), {
      ...TABLE,
      routes: routesOf(fitting),
    })
    const bytes = JSON.stringify(answer!.policyDocument).length
    expect(bytes).toBeLessThanOrEqual(8_192)
    expect(answer!.policyDocument.Statement[0]!.Resource).toHaveLength(fitting * 2)
    expect(() =>
      createHandler({ ...world.config, ...TABLE, routes: routesOf(fitting + 1) }, world.env),
    ).toThrow(/aws\.strategy: cannot be "table".*more than 8192/)
  })
})

describe('the time condition', () => {
  test('ends with exp and begins with nbf, with the tolerance of the issuer', async () => {
    const now = Math.floor(Date.now() / 1000)
    const { answer } = await call(await tokenEvent('/orders', { exp: now + 100, nbf: now - 10 }))
    const at = (seconds: number) => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
    const tolerance = world.config.issuers['main']!.clockToleranceSeconds ?? 30
    expect(answer!.policyDocument.Statement[0]!.Condition).toEqual({
      DateLessThan: { 'aws:CurrentTime': at(now + 100 + tolerance) },
      DateGreaterThanEquals: { 'aws:CurrentTime': at(now - 10 - tolerance) },
    })
  })

  test('has the tolerance of an issuer with several tenants, too', async () => {
    const { providers } = world
    const [tid] = providers.tenants.ids
    const exp = Math.floor(Date.now() / 1000) + 100
    const claims = { iss: providers.tenants.issuerOf(tid!), tid, aud: TENANTS_AUDIENCE, exp }
    const key = providers.tenants.keys.everybody
    const token = await providers.sign(entraV2, entraV2.access, { claims, key })
    const event = TO_EVENT.rest_token({
      method: 'GET',
      path: '/profile',
      authorization: [`Bearer ${token}`],
    })
    const until = async (clockToleranceSeconds: number) => {
      const tenants = { ...world.config.issuers['tenants']!, clockToleranceSeconds }
      const { answer } = await call(event, { issuers: { ...world.config.issuers, tenants } })
      return answer!.policyDocument.Statement[0]!.Condition
    }
    const at = (seconds: number) => ({
      DateLessThan: { 'aws:CurrentTime': new Date(seconds * 1000).toISOString().replace('.000Z', 'Z') },
    })
    expect(await until(0)).toEqual(at(exp))
    expect(await until(45)).toEqual(at(exp + 45))
  })

  test('can be switched off, and a public route has none', async () => {
    const off = await call(await tokenEvent('/orders'), { aws: { timeCondition: false } })
    expect(off.answer!.policyDocument.Statement[0]).not.toHaveProperty('Condition')
    const open = await call(await tokenEvent('/health'))
    expect(open.answer!.policyDocument.Statement[0]).not.toHaveProperty('Condition')
  })
})

describe('usageIdentifierKey', () => {
  test('is the client of a grant, and absent without one', async () => {
    const aws: AwsConfig = { usageIdentifierKey: 'client_id' }
    expect((await call(await tokenEvent('/orders'), { aws })).answer).toHaveProperty(
      'usageIdentifierKey',
      'client-1',
    )
    expect((await call(await tokenEvent('/health'), { aws })).answer).not.toHaveProperty('usageIdentifierKey')
    expect((await call(await tokenEvent('/orders'))).answer).not.toHaveProperty('usageIdentifierKey')
  })
})

describe('one strategy for each function', () => {
  const aws: AwsConfig = { authorizers: { byToken: { strategy: 'table' } }, timeCondition: false }

  test('LANEKEEPER_AUTHORIZER names it, and settings beside the entries apply to all', async () => {
    const event = await tokenEvent('/orders', { scope: 'read' })
    const table = await call(event, { routes: ROUTES, aws }, { LANEKEEPER_AUTHORIZER: 'byToken' })
    expect(table.answer!.policyDocument.Statement[0]!.Resource).toHaveLength(4)
    expect(table.answer!.policyDocument.Statement[0]).not.toHaveProperty('Condition')
    const exact = await call(event, { routes: ROUTES, aws })
    expect(exact.answer!.policyDocument.Statement).toMatchObject([{ Resource: `${STAGE}/GET/orders` }])
  })

  test('a name without an entry stops the function from starting', () => {
    expect(() =>
      createHandler({ ...world.config, aws }, { ...world.env, LANEKEEPER_AUTHORIZER: 'other' }),
    ).toThrow('aws.authorizers: has no authorizer "other" (LANEKEEPER_AUTHORIZER); it has: byToken')
  })
})

describe('the token of a WebSocket handshake', () => {
  const routes: RouteRule[] = [{ path: '$connect', methods: ['GET'], scope: 'none' }]

  async function connect(change: (token: string) => object, webSocketToken?: AwsConfig['webSocketToken']) {
    const token = await world.main.token()
    const event = {
      ...TO_EVENT.websocket({ method: 'GET', path: '$connect', authorization: [] }),
      ...change(token),
    }
    const aws = webSocketToken === undefined ? {} : { webSocketToken }
    return call(event, { routes, aws })
  }

  const protocol = (value: string) => ({ multiValueHeaders: { 'Sec-WebSocket-Protocol': [value] } })
  const query = (name: string, value: string) => ({ queryStringParameters: { [name]: value } })

  test('is the element after "bearer" of the subprotocols, where that is configured', async () => {
    const good = await connect((token) => protocol(`orders.v1, bearer, ${token}`), 'protocol')
    expect(good.codes).toEqual(['access_token'])
    expect(good.answer!.context['expires_at']).toMatch(/^\d{10}$/)
    expect((await connect((token) => protocol(`orders.v1, bearer, ${token}`))).codes).toEqual([
      'credential_missing',
    ])
    expect((await connect((token) => protocol(`orders.v1, ${token}`), 'protocol')).codes).toEqual([
      'credential_missing',
    ])
    expect(
      (await connect((token) => protocol(`bearer, ${token}, bearer, ${token}`), 'protocol')).codes,
    ).toEqual(['credential_repeated'])
    expect((await connect(() => protocol('orders.v1, bearer'), 'protocol')).codes).toEqual([
      'credential_malformed',
    ])
  })

  test('is a query parameter only under the name that is configured', async () => {
    expect((await connect((token) => query('ticket', token), { query: 'ticket' })).codes).toEqual([
      'access_token',
    ])
    expect((await connect((token) => query('Ticket', token), { query: 'ticket' })).codes).toEqual([
      'credential_missing',
    ])
    expect((await connect((token) => query('ticket', ` ${token}`), { query: 'ticket' })).codes).toEqual([
      'credential_malformed',
    ])
    expect((await connect((token) => query('ticket', token))).codes).toEqual(['credential_missing'])
    expect((await connect((token) => query('access_token', token), { query: 'access_token' })).codes).toEqual(
      ['access_token'],
    )
    expect((await connect((token) => query('access_token', token))).codes).toEqual(['credential_in_query'])
  })

  test('is refused where it comes twice', async () => {
    const both = await connect(
      (token) => ({
        ...query('ticket', token),
        headers: { Authorization: `Bearer ${token}` },
        multiValueHeaders: null,
      }),
      { query: 'ticket' },
    )
    expect(both.codes).toEqual(['credential_repeated'])
  })
})

describe('an identity that is too large for a context', () => {
  const identity = { claims: { a: 'a', b: 'b', c: 'c' } }
  const scope = ROUTES[1]!.scope as { allOf: string[] }
  // Each claim alone is short enough.
  const noted = async (length: number) => {
    const text = 'ü'.repeat(length)
    return tokenEvent('/orders', { scope: scope.allOf[0], a: text, b: text, c: text })
  }

  test.each<[string, Partial<LanekeeperConfig>]>([
    ['exact', { routes: ROUTES, identity }],
    ['table', { ...TABLE, identity }],
  ])('%s: is refused, in one line of the log', async (_, config) => {
    const small = await call(await noted(100), config)
    expect(small.codes).toEqual(['access_token'])
    expect(small.answer!.context['c']).toHaveLength(600)
    const large = await call(await noted(300), config)
    expect(large.codes).toEqual(['identity_inexpressible'])
    expect(large.answer).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Deny' }] },
      context: { code: 'identity_inexpressible' },
    })
    expect(large.answer!.policyDocument.Statement).toHaveLength(1)
    expect(JSON.stringify(large.answer).length).toBeLessThan(1_000)
  })

  test('passes in report-only, without an identity', async () => {
    const { answer, codes } = await call(await noted(300), { routes: ROUTES, identity, reportOnly: true })
    expect(codes).toEqual(['identity_inexpressible'])
    expect(answer!.policyDocument.Statement).toMatchObject([{ Effect: 'Allow' }])
    expect(answer!.context).not.toHaveProperty('subject')
  })
})

test('strings and lists of the context decode to the claims', async () => {
  const list = ['a b', 'c%20d', 'ü, é', 'e\nf']
  const config = { routes: ROUTES, identity: { claims: { groups: 'groups', note: 'note' } } }
  const event = await tokenEvent('/orders', { scope: 'read', groups: list, note: list[0] })
  const { context } = (await call(event, config)).answer!
  expect(Object.values(context).every((value) => /^[\x21-\x7e ]*$/.test(value))).toBe(true)
  expect(context['groups']!.split(' ').map(decodeURIComponent)).toEqual(list)
  expect(decodeURIComponent(context['note']!)).toBe(list[0])
})

describe('a demand that depends on the time', () => {
  const fresh: RouteRule[] = [
    { path: '/pay', methods: ['POST'], scope: 'none', maxAgeSeconds: 60 } as RouteRule,
  ]

  test('stops every function whose answers are cached from starting', () => {
    const aws: AwsConfig = { authorizers: { kept: { resultTtlSeconds: 1 }, off: { strategy: 'off' } } }
    expect(() => resolveConfig({ ...world.config, routes: fresh, aws }, { env: world.env })).toThrow(
      'aws.authorizers.kept.resultTtlSeconds: must be 0, because POST /pay asks for maxAgeSeconds',
    )
    const off: AwsConfig = { authorizers: { off: { strategy: 'off' } } }
    expect(() =>
      resolveConfig({ ...world.config, routes: fresh, aws: off }, { env: world.env }),
    ).not.toThrow()
  })
})
