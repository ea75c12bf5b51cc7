// The Lambda handler beyond the case rows: events that it must not misread, and answers in every shape.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEvent, type AuthorizerEvent } from '../../../functions/aws/event.ts'
import { createHandler, type HandlerOptions } from '../../../functions/aws/handler.ts'
import type { LanekeeperConfig, ReportEvent } from '../../../shared/index.ts'
import { openLambdaEdge } from '../../edges/lambda-edge.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { USER, withField, type CaseRequest } from '../../cases/row.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

let world: CaseWorld
let token: string

beforeAll(async () => {
  world = await startCaseWorld()
  token = await world.main.token()
})

afterAll(() => world.close())

type Json = { [name: string]: unknown }

/** Calls the handler and returns its answer or its error, and the codes that it reported. */
async function call(event: unknown, config: Partial<LanekeeperConfig> = {}, options: HandlerOptions = {}) {
  const events: ReportEvent[] = []
  const handler = createHandler({ ...world.config, ...config }, world.env, {
    report: (reported) => void events.push(reported),
    ...options,
  })
  const outcome = await handler(event as AuthorizerEvent).then(
    (answer) => ({ answer: answer as unknown as Json }),
    (error: Error) => ({ thrown: error.message }),
  )
  return {
    ...outcome,
    codes: events.filter(({ event: kind }) => kind === 'decision').map(({ code }) => code),
  }
}

const orders = (): CaseRequest => ({ method: 'GET', path: '/orders', authorization: [`Bearer ${token}`] })

/** A REST REQUEST event for GET /orders with some members changed. */
const restRequest = (change: Json): Json => ({ ...TO_EVENT.rest_request(orders()), ...change })

describe('answers', () => {
  test('REST: a policy for the one request, and a flat context of strings', async () => {
    const { answer } = (await call(TO_EVENT.rest_token(orders()))) as { answer: Json }
    expect(answer).toEqual({
      principalId: 'user-1',
      policyDocument: {
        Version: '2012-10-17',
        Statement: [
          {
            Action: 'execute-api:Invoke',
            Effect: 'Allow',
            Resource: 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/orders',
            Condition: { DateLessThan: { 'aws:CurrentTime': expect.stringMatching(/^\d{4}-[\dT:-]+Z$/) } },
          },
        ],
      },
      context: {
        ...USER,
        expires_at: expect.stringMatching(/^\d{10}$/),
        decided_at: expect.stringMatching(/^\d{13}$/),
      },
    })
  })

  test('a refusal has its code for the access log, and only on a REST API the challenge', async () => {
    const refused = { ...orders(), path: '/orders/special' }
    const about = { code: 'insufficient_scope', decided_at: expect.stringMatching(/^\d{13}$/) }
    const challenge = expect.stringMatching(/^Bearer realm="api", error="insufficient_scope"/)
    const contextOf = async (shape: 'http_2' | 'http_1' | 'rest_request' | 'rest_token') =>
      ((await call(TO_EVENT[shape](refused))) as { answer: Json }).answer['context']
    expect(await contextOf('http_2')).toEqual(about)
    expect(await contextOf('http_1')).toEqual(about)
    expect(await contextOf('rest_request')).toEqual({ ...about, challenge })
    expect(await contextOf('rest_token')).toEqual({ ...about, challenge })
  })

  test('a public route: an answer without an identity', async () => {
    const { answer } = (await call(
      TO_EVENT.http_1({ method: 'GET', path: '/health', authorization: [] }),
    )) as { answer: Json }
    expect(answer).toMatchObject({ principalId: 'public', context: {} })
  })

  test('WebSocket: without a rule of its own $connect is refused', async () => {
    const routes = world.config.routes.filter((route) => route.path !== '$connect')
    const closed = await openLambdaEdge(
      { ...world.config, routes },
      'websocket',
      'websocket',
      'simple',
      world.env,
    )
    expect(await closed.send(withField(`Bearer ${token}`))).toMatchObject({
      allow: false,
      code: 'route_unknown',
    })
  })

  test.each(['rest_token', 'rest_request', 'http_2', 'http_1', 'websocket'] as const)(
    '%s: unavailable keys are an error other than Unauthorized',
    async (shape) => {
      const refuse = { fetch: () => Promise.reject(new Error('unreachable')) }
      expect(await call(TO_EVENT[shape](orders()), {}, refuse)).toEqual({
        thrown: 'lanekeeper: keys_unavailable',
        codes: ['keys_unavailable'],
      })
    },
  )
})

describe('the ARN', () => {
  const arns: [string, string][] = [
    ['a colon in the path', 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/orders/a:b'],
    ['China', 'arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef1234/prod/GET/orders'],
    ['GovCloud', 'arn:aws-us-gov:execute-api:us-gov-west-1:123456789012:abcdef1234/prod/GET/orders'],
    ['the default stage', 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/$default/GET/orders'],
  ]

  test.each(arns)('%s', async (_, arn) => {
    const { answer } = (await call({
      type: 'TOKEN',
      authorizationToken: `Bearer ${token}`,
      methodArn: arn,
    })) as { answer: Json }
    expect(answer['policyDocument']).toMatchObject({ Statement: [{ Effect: 'Allow', Resource: arn }] })
  })

  test('the root', () => {
    expect(readEvent(TO_EVENT.rest_token({ ...orders(), path: '/' }))?.request.path).toBe('/')
  })

  test('an ARN that no policy can express is refused and never granted in part', async () => {
    const path = `/files/${'x'.repeat(240)}/${'y'.repeat(240)}`
    const { answer, codes } = (await call(TO_EVENT.rest_token({ ...orders(), path }), {
      limits: { maxPathBytes: 4_096 },
    })) as { answer: Json; codes: string[] }
    expect(codes).toEqual(['target_too_long'])
    expect(answer).toMatchObject({
      policyDocument: {
        Statement: [
          { Effect: 'Deny', Resource: 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/*' },
        ],
      },
    })
    expect(
      await call(TO_EVENT.http_2({ ...orders(), path }), { limits: { maxPathBytes: 4_096 } }),
    ).toMatchObject({ answer: { isAuthorized: true } })
  })

  test.each([
    [512, 'access_token'],
    [513, 'target_too_long'],
  ])('%i characters: %s', async (length, code) => {
    const prefix = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/files/'
    const methodArn = prefix + 'x'.repeat(length - prefix.length)
    const event = { type: 'TOKEN', authorizationToken: `Bearer ${token}`, methodArn }
    expect((await call(event, { limits: { maxPathBytes: 4_096 } })).codes).toEqual([code])
  })

  describe('report-only allows paths that a policy cannot name exactly', () => {
    const watching = { reportOnly: true, limits: { maxPathBytes: 4_096 } }
    const granted = async (path: string, config: Partial<LanekeeperConfig> = watching) => {
      const { answer, codes } = (await call(TO_EVENT.rest_token({ ...orders(), path }), config)) as {
        answer: Json
        codes: string[]
      }
      const { policyDocument } = answer as { policyDocument: { Statement: { Resource: string }[] } }
      const [statement] = policyDocument.Statement
      return { ...statement, codes, context: (answer as { context: Json }).context }
    }
    const stage = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod'

    test('a path that is too long: its beginning', async () => {
      const path = `/files/${'x'.repeat(600)}`
      const { Effect, Resource, codes, context } = (await granted(path)) as Json & { Resource: string }
      expect([Effect, codes]).toEqual(['Allow', ['target_too_long']])
      expect(Resource).toHaveLength(512)
      expect(Resource.endsWith('x*')).toBe(true)
      expect(`${stage}/GET${path}`.startsWith(Resource.slice(0, -1))).toBe(true)
      expect(context).not.toHaveProperty('subject')
      expect(await granted(path, { limits: { maxPathBytes: 4_096 } })).toMatchObject({
        Effect: 'Deny',
        Resource: `${stage}/*`,
        codes: ['target_too_long'],
      })
    })

    test('a wildcard of the client: one character, and never more', async () => {
      expect(await granted('/orders/*')).toMatchObject({
        Effect: 'Allow',
        Resource: `${stage}/GET/orders/?`,
        codes: ['target_ambiguous'],
      })
      expect(await granted('/orders/${aws:username}')).toMatchObject({
        Resource: `${stage}/GET/orders/?{aws:username}`,
      })
    })
  })

  test.each(['*', '?'])('a wildcard in the path is denied, not granted: %s', async (wildcard) => {
    const { answer } = (await call(TO_EVENT.rest_token({ ...orders(), path: `/orders/${wildcard}` }))) as {
      answer: Json
    }
    expect(answer).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Deny', Resource: expect.stringMatching(/\/prod\/\*$/) }] },
      context: { code: 'target_ambiguous' },
    })
  })
})

describe('the method ANY of a REST API', () => {
  test('stands for the method of the request, which the context names', async () => {
    expect((await call(restRequest({ httpMethod: 'ANY' }))).codes).toEqual(['access_token'])
  })

  test.each<[string, Json]>([
    ['alone', { requestContext: {} }],
    ['beside another method', { requestContext: { httpMethod: 'POST' } }],
    ['in the context as well', { requestContext: { httpMethod: 'ANY' } }],
    ['of an HTTP API', { version: '1.0' }],
  ])('%s names no method', async (_, change) => {
    expect((await call(restRequest({ httpMethod: 'ANY', ...change }))).codes).toEqual(['event_unrecognised'])
  })
})

describe('members that spell the path again', () => {
  test.each<[string, Json]>([
    ['the stage in front', {}],
    [
      'a base path in front',
      { path: '/v1/orders', requestContext: { httpMethod: 'GET', path: '/v1/orders' } },
    ],
    ['none at all', { path: undefined, requestContext: { httpMethod: 'GET' } }],
  ])('agree: %s', async (_, change) => {
    expect((await call(restRequest(change))).codes).toEqual(['access_token'])
  })

  test.each<[string, Json]>([
    ['another path', { path: '/admin' }],
    ['a trailing slash', { path: '/orders/' }],
    ['another end', { requestContext: { path: '/prod/orders/special' } }],
    ['a doubled slash in front', { requestContext: { path: '/prod//orders' } }],
    ['dots', { path: '/public/../orders' }],
  ])('disagree: %s', async (_, change) => {
    expect(await call(restRequest(change))).toMatchObject({
      answer: { context: { code: 'target_ambiguous' } },
      codes: ['target_ambiguous'],
    })
  })

  test('HTTP API: the stage prefix of rawPath does not change the route', async () => {
    const event = { ...TO_EVENT.http_2(orders()), rawPath: '/prod/orders' }
    expect((await call(event)).codes).toEqual(['access_token'])
    expect((await call({ ...event, rawPath: '/prod/health' })).codes).toEqual(['target_ambiguous'])
  })

  test('HTTP API: the path in the request context has to agree, too', async () => {
    const event = TO_EVENT.http_2(orders())
    const context = {
      ...(event['requestContext'] as object),
      http: { method: 'GET', path: '/orders/special' },
    }
    expect((await call({ ...event, requestContext: context })).codes).toEqual(['target_ambiguous'])
  })

  test('HTTP API: characters that the event shows decoded are read as their escapes', async () => {
    expect((await call(TO_EVENT.http_2({ ...orders(), path: '/orders/café au lait' }))).codes).toEqual([
      'access_token',
    ])
    expect((await call(TO_EVENT.http_2({ ...orders(), path: '/orders/a/../b' }))).codes).toEqual([
      'target_ambiguous',
    ])
    expect((await call(TO_EVENT.rest_request({ ...orders(), path: '/orders/café' }))).codes).toEqual([
      'target_ambiguous',
    ])
  })
})

describe('header names in any case, and more than one value', () => {
  const bearer = () => `Bearer ${token}`
  test.each<[string, () => Json, string]>([
    [
      'in lower case',
      () => ({ headers: { authorization: bearer() }, multiValueHeaders: { authorization: [bearer()] } }),
      'access_token',
    ],
    [
      'in upper case',
      () => ({ headers: { AUTHORIZATION: bearer() }, multiValueHeaders: null }),
      'access_token',
    ],
    [
      'multi-value alone',
      () => ({ headers: null, multiValueHeaders: { Authorization: [bearer()] } }),
      'access_token',
    ],
    [
      'two values',
      () => ({
        headers: { Authorization: bearer() },
        multiValueHeaders: { Authorization: [bearer(), bearer()] },
      }),
      'credential_repeated',
    ],
    [
      'two casings',
      () => ({ headers: { Authorization: bearer(), authorization: 'Bearer x' }, multiValueHeaders: null }),
      'credential_repeated',
    ],
    [
      'maps that disagree',
      () => ({ headers: { Authorization: 'Bearer x' }, multiValueHeaders: { Authorization: [bearer()] } }),
      'credential_repeated',
    ],
    ['no maps', () => ({ headers: null, multiValueHeaders: null }), 'credential_missing'],
    [
      'an override of the method',
      () => ({
        headers: { 'X-HTTP-Method-Override': 'POST', Authorization: bearer() },
        multiValueHeaders: null,
      }),
      'access_token',
    ],
  ])('%s', async (_, change, code) => {
    expect((await call(restRequest(change()))).codes).toEqual([code])
  })

  test('a token in the multi-value query is noticed', async () => {
    const { codes } = await call(
      restRequest({ queryStringParameters: null, multiValueQueryStringParameters: { access_token: ['x'] } }),
    )
    expect(codes).toEqual(['credential_in_query'])
  })
})

describe('the log', () => {
  const reported = async (event: unknown, context?: { awsRequestId: string }) => {
    const events: ReportEvent[] = []
    const handler = createHandler(world.config, world.env, { report: (each) => void events.push(each) })
    await handler(event as AuthorizerEvent, context as never).catch(() => {})
    return events.find(({ event: kind }) => kind === 'decision')
  }

  test('names the request by the identifier of the gateway, and a TOKEN event by that of Lambda', async () => {
    expect(await reported(TO_EVENT.http_2(orders()))).toMatchObject({ requestId: 'id', method: 'GET' })
    expect(await reported(TO_EVENT.rest_request(orders()))).toMatchObject({ requestId: 'dPFwDF3aoAMFjLw=' })
    const chosen = {
      ...TO_EVENT.http_2(orders()),
      requestContext: { ...(TO_EVENT.http_2(orders())['requestContext'] as object), requestId: 'two words' },
    }
    expect(await reported(chosen)).not.toHaveProperty('requestId')
    expect(await reported(TO_EVENT.rest_token(orders()), { awsRequestId: 'lambda-1' })).toMatchObject({
      requestId: 'lambda-1',
    })
  })

  test("names no method of the client's own making", async () => {
    expect(
      await reported(TO_EVENT.rest_token({ ...orders(), method: 'SECRETSECRETSECRET' })),
    ).not.toHaveProperty('method')
  })
})

describe('invalid events', () => {
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'event'],
    ['a list', []],
    ['empty', {}],
    ['a proxy event', { version: '2.0', routeKey: 'GET /orders', rawPath: '/orders', headers: {} }],
    ['an unknown version', restLike({ version: '3.0' })],
    ['an unknown type', restLike({ type: 'JWT' })],
    ['no ARN', restLike({ methodArn: undefined })],
    ['another ARN', restLike({ methodArn: 'arn:aws:lambda:eu-west-1:123456789012:function:x' })],
    [
      'an ARN with too little',
      restLike({ methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234' }),
    ],
    ['a method that is not the one of the ARN', restLike({ httpMethod: 'POST' })],
    ['no method', restLike({ httpMethod: undefined, requestContext: {} })],
    [
      'a WebSocket message',
      restLike({
        methodArn: 'arn:aws:execute-api:eu-west-1:123456789012:a/prod/$default',
        requestContext: { routeKey: '$connect' },
      }),
    ],
  ])('%s: denied, reported, and no Unauthorized', async (_, event) => {
    expect(await call(event)).toEqual({
      thrown: 'lanekeeper: event_unrecognised',
      codes: ['event_unrecognised'],
    })
  })

  function restLike(change: Json): Json {
    return {
      ...TO_EVENT.rest_request({ method: 'GET', path: '/orders', authorization: ['Bearer x'] }),
      ...change,
    }
  }
})

test('a background refresh ends before the answer: Lambda freezes unfinished work', async () => {
  let clock = Date.now()
  let pending = 0
  const slow = async (url: string, init: RequestInit) => {
    pending++
    await nextTurn()
    return fetch(url, init).finally(() => pending--)
  }
  const handler = createHandler(world.config, world.env, { fetch: slow, now: () => clock, report: () => {} })
  const event = async () => {
    const now = Math.floor(clock / 1000)
    const fresh = await world.main.token({ claims: { iat: now, exp: now + 60 } })
    return TO_EVENT.rest_token({
      ...orders(),
      authorization: [`Bearer ${fresh}`],
    }) as unknown as AuthorizerEvent
  }
  await handler(await event())
  clock += 11 * 60_000
  const before = world.main.fetches()
  await handler(await event())
  expect(world.main.fetches()).toBe(before + 1)
  expect(pending).toBe(0)
})

test('a broken configuration fails while the module loads', () => {
  expect(() => createHandler({ ...world.config, realm: '' }, world.env)).toThrow('realm: must be 1 to 64')
  expect(() => createHandler(world.config, { ...world.env, LANEKEEPER_STAGE: 'nowhere' })).toThrow(
    'stages: has no stage "nowhere"',
  )
})
