// Which part of the tour of `npm start` applies to a deployed configuration, and what it prints about the rest.

import { describe, expect, test } from 'vitest'
import shipped from '../../../lanekeeper.config.ts'
import { generateSigningKey } from '../../../local/authorization-server/index.ts'
import type { Model } from '../../../local/api-gateway/model.ts'
import { readTemplate } from '../../../local/api-gateway/template.ts'
import { readLocalConfig } from '../../../local/local-config.ts'
import { localVariables } from '../../../local/local-run.ts'
import { findOtherConfig, planTour } from '../../../local/tour/tour-plan.ts'
import { TOUR } from '../../../local/tour/tour-rows.ts'
import { describeRequest } from '../../../local/tour/tour.ts'
import type { LanekeeperConfig, RouteRule } from '../../../shared/index.ts'
import {
  httpTemplate,
  lambdaFunction,
  restTemplate,
  type Resources,
} from '../api-gateway/template-builder.ts'

const given = localVariables(4_000, await generateSigningKey('ES256'))
const { config } = readLocalConfig(given)

const Auth = (name: string): Resources => ({
  Auth: lambdaFunction({ Environment: { Variables: { LANEKEEPER_AUTHORIZER: name } } }),
})

const TABLED = ['GET /health open', 'GET /invoices', 'POST /invoices']
const tokenApi = (methods = TABLED, seconds = 300) =>
  readTemplate(
    restTemplate({ methods, authorizer: { AuthorizerResultTtlInSeconds: seconds }, more: Auth('token') }),
  )
const EXACT = ['GET /health open', 'GET /orders', 'POST /orders']
const httpApi = (routes = EXACT, name = 'http') =>
  readTemplate(httpTemplate({ routes, authorizer: { AuthorizerResultTtlInSeconds: 300 }, more: Auth(name) }))

const NONE: Model = { functions: [] }
const onAws = (model: Model) => planTour(config, { hasWorker: false, model })

const NO_WORKER = 'Worker: there is no wrangler.toml'
const NO_SOCKETS = 'WebSocket API: there is no WebSocket API'
const NO_HTTP = 'HTTP API: there is no HTTP API'
const NO_REST = ['REST, REQUEST: there is no REST API', 'REST, TOKEN: there is no REST API']

describe('deployed edges take part, and missing ones are named', () => {
  test('a Worker alone', () => {
    expect(planTour(config, { hasWorker: true, model: null })).toEqual({
      edges: ['worker'],
      hasSockets: false,
      skipped: ['API Gateway: there is no serverless.yml'],
    })
  })

  test.each<[string, Model, string[], string[]]>([
    ['an HTTP API alone', httpApi(), ['http'], [NO_WORKER, ...NO_REST, NO_SOCKETS]],
    [
      'a REST API with one kind of authorizer',
      tokenApi(),
      ['token'],
      [NO_WORKER, 'REST, REQUEST: the REST API has no route GET /orders', NO_HTTP, NO_SOCKETS],
    ],
    ['no API', NONE, [], [NO_WORKER, ...NO_REST, NO_HTTP, NO_SOCKETS]],
  ])('%s', (_, model, edges, skipped) => {
    expect(onAws(model)).toEqual({ edges, hasSockets: false, skipped })
  })
})

describe('the rules of an API that is not there may be taken away', () => {
  const without = (...paths: string[]) => {
    const routes = shipped.routes.filter(({ path }) => !paths.includes(path))
    return readLocalConfig(given, {}, { ...shipped, routes }).config
  }
  const gone = (name: string) => `lanekeeper.config.ts no longer has the rule ${name} of the tour`

  test('those that only REST APIs have, beside an HTTP API, with a Worker and without', () => {
    const left = without('/invoices', '$connect')
    expect(findOtherConfig(left)).toBeNull()
    expect(planTour(left, { hasWorker: false, model: httpApi() })).toEqual({
      edges: ['http'],
      hasSockets: false,
      skipped: [NO_WORKER, ...NO_REST, NO_SOCKETS],
    })
    expect(planTour(left, { hasWorker: true, model: httpApi() }).edges).toEqual(['worker', 'http'])
  })

  test('those that a TOKEN authorizer does not have', () => {
    const left = without('/orders')
    expect(findOtherConfig(left)).toBeNull()
    expect(planTour(left, { hasWorker: true, model: tokenApi() })).toMatchObject({
      edges: ['token'],
      skipped: [`Worker: ${gone('GET /orders')}`, expect.any(String), NO_HTTP, NO_SOCKETS],
    })
    expect(planTour(without('/invoices'), { hasWorker: true, model: tokenApi() })).toMatchObject({
      edges: ['worker'],
      skipped: [expect.any(String), `REST, TOKEN: ${gone('GET /invoices')}`, NO_HTTP, NO_SOCKETS],
    })
  })

  test('all of them, without a wait for a build', () => {
    expect(findOtherConfig(without('/orders', '/invoices'))).toBeNull()
    expect(findOtherConfig(without('/orders', '/invoices', '$connect'))).toBe(gone('GET /orders'))
  })
})

describe("an API whose answers differ from the demo's does not take part", () => {
  test.each<[string, Model, string]>([
    ['no public route', httpApi(EXACT.slice(1)), 'HTTP API: the HTTP API has no route GET /health'],
    [
      'a public route that asks',
      httpApi(['GET /health', ...EXACT.slice(1)]),
      'HTTP API: GET /health has an authorizer',
    ],
    ['a catch-all', httpApi([...EXACT, '$default']), 'HTTP API: the HTTP API has a route for /admin'],
    [
      'an open route',
      httpApi([...EXACT.slice(0, 2), 'POST /orders open']),
      'HTTP API: POST /orders has no REQUEST authorizer',
    ],
    ['another strategy', httpApi(EXACT, 'token'), 'HTTP API: the strategy for GET /orders is not exact'],
    ['nothing kept', tokenApi(TABLED, 0), 'REST, TOKEN: the authorizer of GET /invoices caches no answers'],
  ])('%s', (_, model, why) => {
    const plan = onAws(model)
    expect(plan.edges).toEqual([])
    expect(plan.skipped).toContain(why)
  })
})

describe("a user's own configuration has no tour, and the output says why", () => {
  const own = (change: (draft: { routes: RouteRule[]; realm?: string; publicUrls?: string[] }) => void) => {
    const draft = structuredClone(shipped) as unknown as Parameters<typeof change>[0]
    change(draft)
    return readLocalConfig(given, {}, draft as unknown as LanekeeperConfig).config
  }

  test.each<[string, Parameters<typeof own>[0], string]>([
    [
      'other paths',
      (draft) => void (draft.routes = draft.routes.filter(({ path }) => path !== '/health')),
      'no longer has the rule GET /health of the tour',
    ],
    [
      'other scopes',
      (draft) => void (draft.routes[1] = { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }),
      'no longer has the rule GET /orders of the tour',
    ],
    [
      'a rule for everything',
      (draft) => void draft.routes.push({ path: '/{any+}', methods: ['GET'], public: true }),
      'has a rule for /admin',
    ],
    ['another realm', (draft) => void (draft.realm = 'ours'), 'has another setting for realm'],
    [
      'public URLs',
      (draft) => void (draft.publicUrls = ['https://api.ours.example']),
      'has another setting for publicUrls',
    ],
  ])('%s', (_, change, why) => {
    for (const model of [null, httpApi()])
      expect(planTour(own(change), { hasWorker: true, model })).toEqual({
        edges: [],
        hasSockets: false,
        skipped: [expect.stringContaining(`lanekeeper.config.ts ${why}`)],
      })
  })

  test('its further variables come from the environment, only those that it names', () => {
    const named = structuredClone(shipped) as unknown as LanekeeperConfig & { publicUrls?: string[] }
    Object.assign(named.stages!['local']!, { publicUrls: ['${env:OUR_URL}'] })
    const env = { OUR_URL: 'https://api.ours.example', HOME: '/root' }
    const read = readLocalConfig(given, env, named)
    expect(read.variables).toEqual({ ...given, OUR_URL: env.OUR_URL })
    expect([...read.config.publicUrls.values()]).toEqual([env.OUR_URL])
    expect(() => readLocalConfig(given, {}, named)).toThrow('needs the environment variable OUR_URL')
  })

  test('without the stage that is run, there is one line', () => {
    const { local: _, ...stages } = shipped.stages!
    for (const one of [
      { ...shipped, stages },
      { ...shipped, stages: {} },
    ])
      expect(() => readLocalConfig(given, {}, one)).toThrow(
        /^npm start runs the stage local, and lanekeeper\.config\.ts has no such stage .*\.$/,
      )
  })
})

test('what the tour says of API Gateway is said where an API takes part', () => {
  const saying = (names: Parameters<typeof describeRequest>[1]) =>
    TOUR.map((row) => describeRequest(row, names)).filter((sent) => /API Gateway|flushed/.test(sent))
  expect(saying(['worker'])).toEqual([])
  expect(saying(['worker', 'http'])).toEqual([
    "the same again, answered from API Gateway's cache",
    'the same, revoked 2 seconds ago, caches flushed',
  ])
})
