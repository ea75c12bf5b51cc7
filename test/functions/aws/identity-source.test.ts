// The cache key of an HTTP API: the function refuses to answer if the identity sources in the event are too few for an
// answer about one request, unless the configuration says that nothing is cached.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthorizerEvent } from '../../../functions/aws/event.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import type { AwsConfig, LanekeeperConfig, ReportEvent } from '../../../shared/index.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

let world: CaseWorld
let token: string
let field: string

beforeAll(async () => {
  world = await startCaseWorld()
  token = await world.main.token()
  field = `Bearer ${token}`
})

afterAll(() => world.close())

const REFUSED = 'lanekeeper: identity_sources_missing'

async function ask(
  shape: 'http_2' | 'http_1' | 'rest_request',
  change: Record<string, unknown>,
  aws: AwsConfig = {},
  more: Partial<LanekeeperConfig> = {},
  authorization = field,
) {
  const events: ReportEvent[] = []
  const handler = createHandler({ ...world.config, ...more, aws }, world.env, {
    report: (event) => void events.push(event),
  })
  const event = {
    ...TO_EVENT[shape]({ method: 'GET', path: '/orders', authorization: [authorization] }),
    ...change,
  }
  const answer = await handler(event as unknown as AuthorizerEvent).catch((error: Error) => error.message)
  return { answer, decisions: events.filter((one) => one.event === 'decision') }
}

const ALLOWED = { isAuthorized: true, context: { subject: 'user-1' } }
const ALLOWED_1 = { principalId: 'user-1', policyDocument: { Statement: [{ Effect: 'Allow' }] } }

describe('payload 2.0', () => {
  test.each([
    ['token, method, path and route', () => [field, 'GET', '/orders', '$default']],
    ['another order, and one more', () => ['x', '/orders', field, '$default', 'GET']],
    ['no identity source, so nothing is kept', () => null],
    ['an empty list', () => []],
    ['a path that is shown decoded', () => [field, 'GET', '/%6Frders', '$default']],
    ['a path that is shown cut', () => [field, 'GET', '/orders%3Fx', '$default']],
    ['a path that cannot be decoded', () => [field, 'GET', '/orders%E9', '$default']],
  ])('%s', async (_, sources) => {
    expect((await ask('http_2', { identitySource: sources() })).answer).toMatchObject(ALLOWED)
  })

  test.each([
    ['the token alone', () => [field], '$context.httpMethod $context.path $context.routeKey'],
    ['no path', () => [field, 'GET', '$default'], '$context.path'],
    ['no method', () => [field, '/orders', '$default'], '$context.httpMethod'],
    ['no route', () => [field, 'GET', '/orders'], '$context.routeKey'],
    ['no token', () => ['GET', '/orders', '$default'], '$request.header.Authorization'],
    ['token and route', () => [field, '$default'], '$context.httpMethod $context.path'],
    ['another path', () => [field, 'GET', '/orders/17', '$default'], '$context.path'],
    ['another token', () => [`${field}x`, 'GET', '/orders', '$default'], '$request.header.Authorization'],
  ])('%s', async (_, sources, missing) => {
    const { answer, decisions } = await ask('http_2', { identitySource: sources() })
    expect(answer).toBe(REFUSED)
    expect(decisions).toMatchObject([
      {
        outcome: 'deny',
        code: 'identity_sources_missing',
        blame: 'operator',
        detail: { missing, or: 'aws.resultTtlSeconds: 0' },
      },
    ])
  })

  test('the token alone, if the configuration says that nothing is cached', async () => {
    for (const aws of [{ resultTtlSeconds: 0 }, { strategy: 'off' }] as const)
      expect((await ask('http_2', { identitySource: [field] }, aws)).answer).toMatchObject(ALLOWED)
    const routes = world.config.routes.filter(({ path }) => path === '/orders')
    const kept = await ask('http_2', { identitySource: [field] }, { resultTtlSeconds: 60 }, { routes })
    expect(kept.answer).toBe(REFUSED)
  })

  test('a token that comes twice is the client’s fault, whichever of the two is among the sources', async () => {
    const twice = `${field},Bearer x`
    for (const source of [field, 'Bearer x', twice, 'anything']) {
      const { answer, decisions } = await ask(
        'http_2',
        { identitySource: [source, 'GET', '/orders', '$default'] },
        {},
        {},
        twice,
      )
      expect(answer).toBe('Unauthorized')
      expect(decisions).toMatchObject([{ code: 'credential_repeated' }])
    }
  })

  test('everything report-only: the request passes without an identity', async () => {
    const { answer, decisions } = await ask('http_2', { identitySource: [field] }, {}, { reportOnly: true })
    expect(answer).toEqual({ isAuthorized: true, context: { decided_at: expect.any(String) } })
    expect(decisions).toMatchObject([{ outcome: 'would_deny', code: 'identity_sources_missing' }])
  })
})

describe('payload 1.0, whose sources are joined', () => {
  const policy: AwsConfig = { httpApiResponse: 'policy' }

  test.each([
    ['token, method, path and route', () => `${field},GET,/orders,GET /{proxy+}`],
    ['another order', () => `ANY /{proxy+},/orders,GET,${field}`],
    ['a path that is shown decoded', () => `${field},/%6Frders,GET,ANY /{proxy+}`],
    ['a path that cannot be decoded', () => `/orders%E9,${field},GET,ANY /{proxy+}`],
    ['no identity source', () => ''],
  ])('%s', async (_, source) => {
    const { answer } = await ask('http_1', { identitySource: source() }, policy)
    expect(answer).toMatchObject(ALLOWED_1)
  })

  test.each([
    ['the token alone', () => field],
    ['no path', () => `${field},GET,GET /{proxy+}`],
    ['no route', () => `${field},GET,/orders`],
    ['one more, which cannot be separated', () => `${field},GET,/orders,GET /{proxy+},x`],
  ])('%s', async (_, source) => {
    expect((await ask('http_1', { identitySource: source() }, policy)).answer).toBe(REFUSED)
  })

  test('a token that imitates the joined sources is refused, and the refusal is not cached', async () => {
    const forged = `${field},GET,/orders,GET /{proxy+}`
    const { answer } = await ask('http_1', { identitySource: forged }, policy, {}, forged)
    expect(answer).toBe('Unauthorized')
  })
})

test('a REST event shows no identity sources, so the check of the deployment has to see them', async () => {
  expect((await ask('rest_request', { identitySource: field })).answer).toMatchObject(ALLOWED_1)
})
