// The rule of the decision belongs to the route that API Gateway selected, on REST and HTTP APIs of the local gateway:
// random routes, rules and paths, with every way in which events may spell them. The test computes the paths of a route
// from its template and parameters, without the code under test. A WebSocket API has one route with an authorizer.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createHandler } from '../../../functions/aws/handler.ts'
import { createHttpApi } from '../../../local/api-gateway/http-api.ts'
import type { InvokeFunction } from '../../../local/api-gateway/index.ts'
import type { PayloadVersion, RequestAuthorizer } from '../../../local/api-gateway/model.ts'
import { createRestApi } from '../../../local/api-gateway/rest-api.ts'
import type { ApiHandler } from '../../../local/api-gateway/server.ts'
import { UNDOCUMENTED_DEFAULTS, type UndocumentedChoices } from '../../../local/api-gateway/undocumented.ts'
import { TO_EVENT } from '../../edges/events.ts'
import type { LanekeeperConfig, ReportEvent } from '../../../shared/index.ts'

const SEED = Number(process.env['SEED'] ?? 20_261_129)

const TEMPLATES = [
  '/accounts',
  '/accounts/{id}',
  '/accounts/{id}/avatar',
  '/reports',
  '/{area}/{path+}',
  '/files/{path+}',
  '/files/{name}',
  '/{one}/{two}',
  '/{one}/{two}/{three}',
]

const between = fc.oneof(
  { weight: 8, arbitrary: fc.constant('/') },
  { weight: 1, arbitrary: fc.constantFrom('%2F', '%2f', '%3F', '?', '%23', '%5C', '//', '/./', '/%2E%2E/') },
)
const segment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('accounts', 'accounts', 'reports', 'files', '17', 'avatar') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      'caf%C3%A9',
      'a%21b',
      'a%20b',
      '%5B1%5D',
      '%7Bid%7D',
      '50%25',
      '%255B',
      '%7E',
      '',
    ),
  },
)
const path = fc
  .array(fc.tuple(between, segment), { minLength: 1, maxLength: 4 })
  .map((parts) => `/${parts.flat().join('').replace(/^\//, '')}`)

const scenario = fc.record({
  templates: fc.subarray([...TEMPLATES, '$default'], { minLength: 1 }),
  rules: fc.subarray(TEMPLATES, { minLength: 1 }),
  path,
  pathParameters: fc.constantFrom('decoded' as const, 'as-received' as const),
  httpApiPath: fc.constantFrom('decoded' as const, 'as-received' as const),
})

const isDecoded = (kind: string, httpApiPath: string) => kind !== 'REST' && httpApiPath === 'decoded'

interface Dispatched {
  readonly template: string
  readonly parameters: Readonly<Record<string, string>>
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Whether a rule covers the path of the route. A parameter that is not greedy is one segment, whatever its value. */
function isBehind(rule: string, { template, parameters }: Dispatched): boolean {
  const segments = template
    .slice(1)
    .split('/')
    .flatMap((part) => {
      const name = part.replace(/[{}+]/g, '')
      const value = decode(part.startsWith('{') ? parameters[name]! : part)
      return part.endsWith('+}') ? value.split('/') : [value]
    })
  const wanted = rule.slice(1).split('/')
  return wanted.every((part, index) => {
    if (part.endsWith('+}')) return segments.length > index
    const isLast = index === wanted.length - 1
    if (isLast && segments.length !== wanted.length) return false
    return part.startsWith('{') ? segments[index] !== undefined : segments[index] === part
  })
}

const shared = { logicalId: 'Authorizer', functionId: 'Auth' }
const api = { logicalId: 'Api', id: 'abcdef1234', isDefaultEndpointDisabled: false, stageVariables: {} }

function createEdge(
  kind: string,
  templates: readonly string[],
  invoke: InvokeFunction,
  choices: UndocumentedChoices,
  kept: Pick<RequestAuthorizer, 'resultTtlSeconds' | 'identitySources'> = {
    resultTtlSeconds: 0,
    identitySources: [],
  },
): ApiHandler {
  if (kind === 'REST') {
    const method = {
      authorizer: { type: 'REQUEST' as const, ...shared, ...kept },
      functionId: 'Backend',
      timeoutMs: 1_000,
    }
    const resources = templates
      .filter((path) => path !== '$default')
      .map((path) => ({ id: path, path, methods: new Map([['GET', method]]) }))
    const rest = { ...api, stage: 'local', binaryMediaTypes: [], resources, gatewayResponses: new Map() }
    return createRestApi(rest, invoke, choices, () => 0)
  }
  const payloadVersion = kind.slice(-3) as PayloadVersion
  const authorizer = {
    type: 'REQUEST' as const,
    ...shared,
    ...kept,
    payloadVersion,
    simpleResponses: payloadVersion === '2.0',
  }
  const routes = templates.map((template, index) => ({
    key: template === '$default' ? template : `${index % 2 === 0 ? 'GET' : 'ANY'} ${template}`,
    authorizer,
    functionId: 'Backend',
    payloadVersion,
    timeoutMs: 1_000,
  }))
  return createHttpApi({ ...api, stage: '$default', routes }, invoke, choices, () => 0)
}

const configOf = (routes: LanekeeperConfig['routes']): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: 'https://login.test.example',
      audience: 'https://api.test.example',
      profile: 'rfc9068',
      keys: { jwks_uri: 'https://login.test.example/jwks' },
    },
  },
  routes,
})

const requestFor = (path: string, query = '') => ({
  id: 'request-1',
  timeMs: 0,
  method: 'GET',
  path,
  query,
  protocol: 'HTTP/1.1',
  headers: [
    ['Host', 'api.test.example'],
    ['Authorization', 'Bearer x'],
  ] as [string, string][],
  body: Buffer.alloc(0),
  sourceIp: '192.0.2.1',
  endpoint: 'default' as const,
})

/** Calls the handler, and records the route that an allowed request is dispatched by. */
function createInvoke(handler: (event: never) => Promise<unknown>) {
  const seen: Dispatched[] = []
  const invoke: InvokeFunction = async (functionId, given) => {
    const event = given as Record<string, any>
    if (functionId === 'Backend') {
      const route = event['resource'] ?? event['routeKey'].split(' ').at(-1)
      // For $default, the path that the integration gets takes the place of the template.
      const template = route === '$default' ? (event['rawPath'] ?? event['path']) : route
      seen.push({ template, parameters: event['pathParameters'] ?? {} })
      return { ok: true, payload: { statusCode: 200, body: '' } }
    }
    try {
      return { ok: true, payload: JSON.parse(JSON.stringify(await handler(given as never))) }
    } catch (error) {
      return { ok: false, reason: 'error', errorType: 'Error', errorMessage: (error as Error).message }
    }
  }
  return { invoke, seen }
}

test.each([
  ['/accounts/17/avatar', '/accounts/17%2Favatar'],
  ['/accounts/17%2Favatar', '/accounts/17/avatar'],
])(
  'an answer cached for one of two paths that events show alike is not used for the other: %s, then %s',
  async (...paths) => {
    const routes: LanekeeperConfig['routes'] = [
      { path: '/accounts/{id}/avatar', methods: ['GET'], public: true },
      { path: '/accounts/{id}', methods: ['GET'], scope: 'none' },
    ]
    const config = { ...configOf(routes), aws: { resultTtlSeconds: 300 } }
    const { invoke } = createInvoke(createHandler(config, {}, { report: () => {}, now: () => 0 }))
    const inContext = ['httpMethod', 'path', 'routeKey'].map((name) => ({ from: 'context' as const, name }))
    const edge = createEdge(
      'HTTP 2.0',
      ['/accounts/{id}', '/accounts/{id}/avatar'],
      invoke,
      UNDOCUMENTED_DEFAULTS,
      {
        resultTtlSeconds: 300,
        identitySources: [{ from: 'header', name: 'Authorization' }, ...inContext],
      },
    )
    for (const path of paths) {
      const { status } = await edge.handle(requestFor(path))
      expect([path, status]).toEqual([path, path.includes('%') ? 401 : 200])
    }
  },
)

test.each(['REST', 'HTTP 2.0', 'HTTP 1.0'])(
  'a necessary escape in a path is served, and an unnecessary one is not if the event shows it: %s',
  async (kind) => {
    const config = configOf([{ path: '/{area}/{id}', methods: ['GET'], public: true }])
    const { invoke } = createInvoke(createHandler(config, {}, { report: () => {}, now: () => 0 }))
    for (const pathParameters of ['decoded', 'as-received'] as const)
      for (const httpApiPath of ['decoded', 'as-received'] as const) {
        const choices = { ...UNDOCUMENTED_DEFAULTS, pathParameters, httpApiPath }
        const edge = createEdge(kind, ['/{area}/{id}'], invoke, choices)
        const isServed = async (path: string) => {
          const stage = kind === 'REST' ? '/local' : ''
          const { status } = await edge.handle(requestFor(`${stage}${path}`))
          return [path, status === 200]
        }
        for (const text of ['[1]', '"', '<', '>', '^', '`', '{id}', '|', ' ', 'é', '50%', '%zz', '%'])
          for (const path of [`/orders/${encodeURIComponent(text)}`, `/${encodeURIComponent(text)}/17`])
            expect(await isServed(path)).toEqual([path, true])
        const others = ['%2F', '%3F', '%23', '%5C', '%3B', '%2A', '%252F', '%2541', '%00', '%FF']
        for (const text of ['%2E%2E', ...others, ...others.map((text) => `%5B${text}`)])
          for (const path of [`/orders/${text}`, `/${text}/17`])
            expect(await isServed(path)).toEqual([path, false])
        const escapedTwice = ['%255B', '%2525', '%25C3%25A9', '%2540']
        for (const text of escapedTwice.flatMap((text) => [`%5B${text}`, `50%25${text}`]))
          expect(await isServed(`/orders/${text}`)).toEqual([`/orders/${text}`, false])
        // A path is served if the event shows it with one escape less, and the path parameters too.
        const isHidden = isDecoded(kind, httpApiPath) && pathParameters === 'decoded'
        for (const text of escapedTwice)
          expect(await isServed(`/orders/${text}`)).toEqual([`/orders/${text}`, isHidden])
        for (const text of ['%7E', '%6F'])
          expect(await isServed(`/orders/${text}`)).toEqual([`/orders/${text}`, isDecoded(kind, httpApiPath)])
      }
  },
)

test.each(['REST', 'HTTP 2.0', 'HTTP 1.0'])('%s', async (kind) => {
  let served = 0
  const property = fc.asyncProperty(scenario, async ({ templates, rules, path, ...spelled }) => {
    const config = configOf(rules.map((path) => ({ path, methods: ['GET'], public: true })))
    const events: ReportEvent[] = []
    const handler = createHandler(config, {}, { report: (event) => void events.push(event), now: () => 0 })
    const { invoke, seen } = createInvoke(handler)
    const edge = createEdge(kind, templates, invoke, { ...UNDOCUMENTED_DEFAULTS, ...spelled })
    const [sent = '', query = ''] = path.split('?')
    await edge.handle(requestFor(kind === 'REST' ? `/local${sent}` : sent, query))
    const [dispatched] = seen
    if (dispatched === undefined) return
    served++
    const [rule = ''] = events.flatMap((event) =>
      event.event === 'decision' ? (event.route ?? '').split(' ')[1] : [],
    )
    const verdict = [path, dispatched, rule]
    expect([...verdict, isBehind(rule, dispatched)]).toEqual([...verdict, true])
  })
  await fc.assert(property, { seed: SEED, numRuns: 1_500, endOnFailure: true })
  expect(served).toBeGreaterThan(100)
})

test('WebSocket: the rule of $connect decides a handshake, whatever the other rules', async () => {
  const rules = fc.subarray([...TEMPLATES, '$connect'])
  const property = fc.asyncProperty(rules, fc.string(), async (paths, query) => {
    const routes = [...paths, '/health'].map((path) => ({ path, methods: ['GET'], public: true as const }))
    const events: ReportEvent[] = []
    const report = (event: ReportEvent) => void events.push(event)
    const handler = createHandler(configOf(routes.filter(({ path }) => path !== '$connect')), {}, { report })
    const connect: LanekeeperConfig['routes'] = paths.includes('$connect')
      ? [{ path: '$connect', methods: ['GET'], scope: 'none' }]
      : []
    const withConnect = createHandler(
      configOf([...routes.filter(({ path }) => path !== '$connect'), ...connect]),
      {},
      { report },
    )
    const event = TO_EVENT.websocket({ method: 'GET', path: '/', query, authorization: ['Bearer x'] })
    await handler(event as never).catch(() => {})
    await withConnect(event as never).catch(() => {})
    const decided = events.flatMap((one) => (one.event === 'decision' ? [one.route ?? one.code] : []))
    expect(decided).toEqual(['route_unknown', connect.length > 0 ? 'GET $connect' : 'route_unknown'])
  })
  await fc.assert(property, { seed: SEED, numRuns: 100, endOnFailure: true })
})
