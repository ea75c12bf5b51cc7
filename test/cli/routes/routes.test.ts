// `lanekeeper routes`: what a rule demands, in which order rules are tried, and what each edge cannot express of them.
// Every limit has a twin without it.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCommand } from '../../../cli/commands.ts'
import { describeDemand } from '../../../cli/routes/demand.ts'
import { findEdgeLimits } from '../../../cli/routes/edge-limits.ts'
import { describeEdges, gatewayStatuses, HTTP, REST, WEBSOCKET } from '../../../cli/routes/gateway-edges.ts'
import type { RoutesDocument } from '../../../cli/routes/routes-report.ts'
import { inOrder } from '../../../cli/routes/rule-order.ts'
import {
  createRouteTable,
  failureRow,
  FAILURES,
  isPathCovered,
  resolveConfig,
  type FailureCode,
  type LanekeeperConfig,
  type ResolvedRoute,
} from '../../../shared/index.ts'
import { createCommandIo } from '../../support/command-io.ts'

const MAIN = {
  issuer: 'https://login.example.com',
  audience: 'https://api.example.com',
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
} as const

type Route = Partial<LanekeeperConfig['routes'][number]>
type More = Partial<LanekeeperConfig>

const routeOf = (route: Route) =>
  ({
    path: '/orders',
    methods: ['POST'],
    ...('public' in route ? {} : { scope: { allOf: ['a'] } }),
    ...route,
  }) as LanekeeperConfig['routes'][number]

const configOf = (route: Route, more: More = {}): LanekeeperConfig => ({
  issuers: { main: MAIN },
  routes: [routeOf(route)],
  origin: { url: 'https://orders.internal.example.com' },
  ...more,
})

const CORS = { origins: ['https://app.example.com'], preflight: 'answer' } as const

const ENV = { STORE: {} }
const resolve = (config: LanekeeperConfig) => resolveConfig(config, { env: ENV })

const URLS: More = { publicUrls: ['https://api.example.com'] }
const MTLS: More = {
  ...URLS,
  issuers: { main: { ...MAIN, senderConstraint: 'any' } },
  mtls: { trust: 'possession' },
  aws: { strategy: 'off' },
}
const REVOCATION: More = {
  revocation: {
    dynamodb: { table: 'revocations' },
    durableObject: 'STORE',
  } as unknown as NonNullable<More['revocation']>,
}

describe('a demand', () => {
  test.each<[Route, More, readonly string[]]>([
    [{ public: true } as object, {}, ['public']],
    [{ scope: 'none' }, {}, ['any valid access token']],
    [{ scope: { allOf: ['a', 'b'] } }, {}, ['scope a and b']],
    [{ scope: { anyOf: ['a', 'b'] } }, {}, ['scope a or b']],
    [{ issuer: 'main' }, {}, ['issuer main', 'scope a']],
    [{ clients: ['web', 'app'] }, {}, ['scope a', 'client web or app']],
    [{ claims: { tier: { oneOf: ['gold', 'silver'] } } }, {}, ['scope a', 'claim tier = gold or silver']],
    [{ acr: ['mfa'], maxAgeSeconds: 300 }, {}, ['scope a', 'acr mfa', 'signed in within 300 s']],
    [{ authorizationDetails: ['payment'] }, {}, ['scope a', 'authorization_details payment']],
    [{}, MTLS, ['sender bearer or DPoP or mTLS or DPoP and mTLS together', 'scope a']],
    [{ senderConstraint: 'mtls' }, MTLS, ['sender mTLS or DPoP and mTLS together', 'scope a']],
    [
      {},
      { resources: [{ identifier: 'https://api.example.com' }] },
      ['resource https://api.example.com', 'scope a'],
    ],
  ])('%j %j', (route, more, expected) => {
    const config = resolve(configOf(route, more))
    expect(describeDemand(config.routes[0]!, config)).toEqual(expected)
  })
})

const BOTH = { hasWorker: true, hasLambda: true }

/** `edges | rule | text` for each limit, or the problems of the configuration. */
function linesOf(route: Route, more: More): readonly string[] {
  const limits = findEdgeLimits(resolve(configOf(route, more)), BOTH)
  return limits.map(({ edges, rule, text }) => `${describeEdges(edges)} | ${rule ?? 'every rule'} | ${text}`)
}

const LONG = `/${'a'.repeat(400)}`

describe('a limit', () => {
  test.each<[expected: string, route: Route, more: More, twin: Route, twinMore?: More]>([
    [
      'Worker | GET $connect | has no $connect',
      { path: '$connect', methods: ['GET'] },
      {},
      { methods: ['GET'] },
    ],
    [
      'Worker | OPTIONS /orders | answers preflights by cors',
      { methods: ['OPTIONS'] },
      { cors: CORS },
      { methods: ['POST'] },
    ],
    ['REST, HTTP | every rule | sends HEAD nowhere', { methods: ['GET'] }, {}, { methods: ['GET', 'HEAD'] }],
    ['REST, HTTP | PURGE /orders | has no route for PURGE', { methods: ['PURGE'] }, {}, { methods: ['PUT'] }],
    ['REST, HTTP | OPTIONS /orders | asks for a token', { methods: ['OPTIONS'] }, {}, { methods: ['PUT'] }],
    [
      'REST | POST /~me | has no resource with the segment ~me',
      { path: '/~me' },
      {},
      { path: '/me.v1_2-x:go' },
    ],
    ['REST | POST /orders/ | has no resource that ends with a slash', { path: '/orders/' }, {}, {}],
    ['HTTP | POST /a%5Bb | cannot tell an escape', { path: '/a%5Bb' }, {}, { path: '/ab' }],
    [
      'HTTP | POST /files/{path+} | cannot tell %2F',
      { path: '/files/{path+}' },
      {},
      { path: '/files/{path}' },
    ],
    [`REST, HTTP | POST ${LONG} | may not name the path`, { path: LONG }, {}, { path: LONG.slice(0, 380) }],
    ['REST, HTTP | POST /orders | is public on a route', { public: true } as Route, {}, {}],
    ['REST, HTTP | POST /orders | cannot send the challenge that asks', { acr: ['mfa'] }, {}, {}],
    ['REST, HTTP | POST /orders | cannot send the challenge that asks', { maxAgeSeconds: 60 }, {}, {}],
    ['REST, HTTP | POST /orders | refuses requests without an identity source', { reportOnly: true }, {}, {}],
    [
      'REST TOKEN | POST /orders | refuses every bound token: a TOKEN authorizer gets no header field',
      {},
      MTLS,
      { senderConstraint: 'none' },
    ],
    [
      'REST TOKEN | POST /orders | refuses every request: a TOKEN',
      { senderConstraint: 'mtls' },
      MTLS,
      { senderConstraint: 'any' },
    ],
    ['REST REQUEST, HTTP | POST /orders | sends no DPoP challenge', {}, MTLS, { senderConstraint: 'none' }],
    [
      'WebSocket | GET $connect | API Gateway states no client certificate',
      { path: '$connect', methods: ['GET'] },
      MTLS,
      { path: '$connect', methods: ['GET'], senderConstraint: 'none' },
    ],
    [
      'REST, HTTP | POST /orders | is strong, and API Gateway keeps the answers',
      { revocation: 'strong' },
      { ...REVOCATION, aws: { resultTtlSeconds: 60 } },
      { revocation: 'strong' },
      REVOCATION,
    ],
    [
      'REST TOKEN | POST /orders/{id} | is denied by aws.authorizers.t: no pattern',
      { path: '/orders/{id}' },
      { aws: { authorizers: { t: { strategy: 'table' } } } },
      {},
    ],
    [
      'REST, HTTP | every rule | cannot be built: strategy of t cannot be "table"',
      { path: '/orders/{id}' },
      { aws: { authorizers: { t: { strategy: 'table' } } } },
      {},
    ],
    [
      'REST, HTTP | every rule | cannot be built: mtls.issuerSki cannot be checked on API Gateway',
      {},
      { ...MTLS, mtls: { issuerSki: ['a95e2e59'] } },
      {},
      MTLS,
    ],
    [
      'HTTP 2.0 | every rule | keeps simple responses, which cannot end with the token; policies do (aws)',
      {},
      { aws: { resultTtlSeconds: 60, httpApiResponse: 'simple' } },
      {},
      { aws: { resultTtlSeconds: 60, httpApiResponse: 'policy' } },
    ],
    ['REST, HTTP | every rule | refuses no request for its host', {}, URLS, {}, {}],
    ['REST, HTTP | every rule | has no sharedCaches', { sharedCaches: true }, {}, {}],
    [
      'REST, HTTP | every rule | answers preflights itself, with settings of its own',
      {},
      { cors: CORS },
      {},
      {},
    ],
    ['REST, HTTP | every rule | sends no Server-Timing', {}, { serverTiming: true }, {}, {}],
    [
      'REST, HTTP | every rule | serves no metadata by its authorizer',
      {},
      { resources: [{ identifier: 'https://api.example.com' }] },
      {},
      {},
    ],
  ])('%s: %j %j', (expected, route, more, twin, twinMore = more) => {
    const isSaid = (line: string) => line.startsWith(expected)
    expect(linesOf(route, more).filter(isSaid)).toHaveLength(1)
    const text = expected.split(' | ')[2]!
    expect(linesOf(twin, twinMore).filter((line) => line.includes(text))).toEqual([])
  })

  test('a stage without an origin cannot be built for the Worker', () => {
    const { origin: _, ...without } = configOf({})
    const textsOf = (config: LanekeeperConfig) =>
      findEdgeLimits(resolve(config), BOTH).map(({ text }) => text)
    expect(textsOf(without)).toContain('cannot be built: origin is missing')
    expect(textsOf(configOf({}))).not.toContain('cannot be built: origin is missing')
  })

  test('an edge that the stage does not have has none', () => {
    const config = resolve(configOf({ path: '$connect', methods: ['GET'] }))
    const edgesOf = (edges: typeof BOTH) =>
      new Set(findEdgeLimits(config, edges).flatMap((limit) => limit.edges))
    expect(edgesOf({ hasWorker: true, hasLambda: false })).toEqual(new Set(['Worker']))
    expect(edgesOf({ hasWorker: false, hasLambda: true })).toEqual(new Set(['WebSocket']))
  })

  test('the statuses are those of the functions, which differ where they keep answers', () => {
    const authorizers = {
      kept: { resultTtlSeconds: 60 },
      off: { strategy: 'off' },
      table: { strategy: 'table', resultTtlSeconds: 60 },
    } as const
    const answers = linesOf({}, { aws: { authorizers } }).filter((line) => line.includes('becomes'))
    expect(answers).toEqual([
      expect.stringMatching(/^REST \| every rule \| 400 becomes 401 or 403; .*\(aws\.authorizers\.off\)$/),
      expect.stringMatching(/^REST TOKEN \| .*403 becomes 401 or 403; .*\(aws\.authorizers\.table\)$/),
      expect.stringMatching(/^REST REQUEST \| .*403 becomes 401 or 403; .*\(aws\.authorizers\.kept\)$/),
      expect.stringMatching(/^HTTP \| .*401 becomes 401, 403 or 500, .*\(aws\.authorizers\.kept\)$/),
      expect.stringMatching(/^HTTP \| .*401 becomes 403, 503 becomes 500; .*\(aws\.authorizers\.off\)$/),
    ])
  })
})

test('every refusal has a status on every API: 401, 403, or above 500 where it is one of ours', () => {
  const { aws } = resolve(configOf({}, { aws: { strategy: 'off' } }))
  for (const code of Object.keys(FAILURES) as FailureCode[])
    for (const edge of [...REST, ...HTTP, ...WEBSOCKET]) {
      const [status, ...more] = gatewayStatuses(code, edge, { ...aws, resultTtlSeconds: 0 })
      expect([code, edge, more, status! >= 500]).toEqual([code, edge, [], failureRow(code).status >= 500])
      expect([401, 403, 500, 503]).toContain(status)
    }
})

describe('the order', () => {
  const PATHS = [
    ...[
      '/',
      '/orders',
      '/orders/{id}',
      '/orders/special',
      '/orders/{id}/items/{no}',
      '/orders/special/items/first',
    ],
    ...[
      '/files/{path+}',
      '/files/public/{name}',
      '/{a}/{b}',
      '/{all+}',
      '/slash/',
      '/orders/{id}/items',
      '$connect',
    ],
  ]
  const routes = resolve(
    configOf({}, { routes: PATHS.map((path) => routeOf({ path, methods: ['GET'] })) }),
  ).routes

  test.each([
    ...['/', '/orders', '/orders/7', '/orders/special', '/orders/7/items/1', '/orders/special/items/first'],
    ...[
      '/orders/special/items/2',
      '/orders/special/items',
      '/files/a',
      '/files/public/x',
      '/files/public/x/y',
    ],
    ...['/files/public', '/slash/', '/slash', '/a/b', '/a/b/c', '/orders/7/history'],
  ])('the first path that covers %s is that of the rule that decides', (path) => {
    const decides = createRouteTable(routes, 1_000).match('GET', path) as ResolvedRoute
    const first = inOrder(routes).find((route) => isPathCovered(path, route.path))
    expect(first?.path).toBe(decides.path)
    expect(first?.path).toBeDefined()
  })

  test('is not that of the configuration, and has every rule', () => {
    const ordered = inOrder(routes).map(({ path }) => path)
    expect(ordered).not.toEqual(PATHS)
    expect([ordered.toSorted(), ordered.at(-1)]).toEqual([PATHS.toSorted(), '$connect'])
  })

  test('keeps the rules of one path as they are written', () => {
    const two = resolve(
      configOf({}, { routes: ['PUT', 'GET'].map((method) => routeOf({ methods: [method] })) }),
    ).routes
    expect(inOrder(two).map(({ methods }) => methods)).toEqual([['PUT'], ['GET']])
  })
})

describe('the command', () => {
  let root: string

  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'lanekeeper-routes-')))
  })
  afterEach(() => rmSync(root, { recursive: true }))

  async function run(config: object, ...args: string[]) {
    writeFileSync(join(root, 'lanekeeper.config.js'), `export default ${JSON.stringify(config)}`)
    const { io, kept } = createCommandIo({ cwd: root })
    const exitCode = await runCommand(['routes', ...args], io)
    return { exitCode, text: kept.printed.join('\n'), errors: kept.errors.join('\n') }
  }

  test('prints rules, functions and limits, and what is refused', async () => {
    const { exitCode, text } = await run(configOf({}))
    expect(exitCode).toBe(0)
    expect(text).toMatch(/routes\[0\] +POST +\/orders +scope a/)
    expect(text).toMatch(/another +a path above +refused/)
    expect(text).toMatch(/any +another path +refused/)
    expect(text).toMatch(/aws +exact +unknown/)
    expect(text).not.toContain('before it looks for a rule')
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
  })

  test('prints what the Worker answers without a token', async () => {
    const config = configOf(
      {},
      {
        resources: [{ identifier: 'https://api.example.com' }],
        cors: CORS,
      },
    )
    const { text } = await run(config)
    expect(text).toMatch(/GET HEAD +\/\.well-known\/oauth-protected-resource +the metadata of the resource/)
    expect(text).toMatch(
      /OPTIONS +every path with a rule for the requested method +the answer to a CORS preflight/,
    )
    expect((await run(config, '--edge', 'aws')).text).not.toContain('oauth-protected-resource ')
    const passed = { ...config, cors: { ...config.cors, preflight: 'pass' } }
    expect((await run(passed)).text).toContain('which the origin answers')
  })

  test('--json has the same as members', async () => {
    const { text } = await run(configOf({ reportOnly: true, methods: ['GETT'] }), '--json')
    const document = JSON.parse(text) as RoutesDocument
    expect(document).toMatchObject({
      version: 1,
      ok: true,
      stage: null,
      reportOnly: false,
      rules: [
        {
          setting: 'routes[0]',
          methods: ['GETT'],
          path: '/orders',
          name: 'GETT /orders',
          resources: [],
          demand: ['scope a'],
          reportOnly: true,
        },
      ],
      answered: [],
      functions: [{ setting: 'aws', strategy: 'exact', resultTtlSeconds: null, webSocketToken: 'header' }],
      notes: [expect.stringContaining('the nearest is GET')],
    })
  })

  test('--edge leaves the other edge out', async () => {
    const { text } = await run(configOf({}), '--json', '--edge', 'cloudflare')
    expect(JSON.parse(text)).toMatchObject({ functions: [], limits: [] })
    expect(await run(configOf({}), '--edge', 'azure')).toMatchObject({ exitCode: 2 })
  })

  test('where everything is report-only, nothing is refused without a rule, either', async () => {
    const { text } = await run(configOf({}, { reportOnly: true }))
    expect(text).toMatch(/another path +refused \(report-only/)
  })

  test('a stage has to be named, and has its own rules', async () => {
    const staged = { ...configOf({}), stages: { production: {}, trial: { reportOnly: true } } }
    expect(await run(staged)).toMatchObject({ exitCode: 1 })
    expect(await run(staged, '--stage', 'prod')).toMatchObject({
      exitCode: 2,
      errors: '--stage prod: the configuration has the stages production, trial.',
    })
    expect((await run(staged, '--stage', 'trial')).text).toContain('report-only')
    expect((await run(staged, '--stage', 'production')).text).not.toContain('report-only')
  })
})
