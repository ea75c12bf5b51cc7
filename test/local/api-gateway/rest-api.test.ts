// The REST API before it answers: routes, and the event of each kind of authorizer.

import { describe, expect, test } from 'vitest'
import { bearer, startFixture } from './gateway-fixture.ts'
import { restTemplate, type Resources } from './template-builder.ts'

const requestAuthorizer = {
  Type: 'REQUEST',
  IdentitySource:
    'method.request.header.Authorization, method.request.querystring.tenant, context.httpMethod',
}

describe('before any authorizer', () => {
  test.each([
    [
      'GET',
      '/local/nothing',
      403,
      '{"message":"Missing Authentication Token"}',
      'MissingAuthenticationTokenException',
    ],
    [
      'POST',
      '/local/orders',
      403,
      '{"message":"Missing Authentication Token"}',
      'MissingAuthenticationTokenException',
    ],
    [
      'GET',
      '/local/orders//',
      403,
      '{"message":"Missing Authentication Token"}',
      'MissingAuthenticationTokenException',
    ],
    ['GET', '/orders', 403, '{"message":"Forbidden"}', 'ForbiddenException'],
    ['GET', '/localorders', 403, '{"message":"Forbidden"}', 'ForbiddenException'],
    ['GET', '//local/orders', 403, '{"message":"Forbidden"}', 'ForbiddenException'],
  ])('%s %s is answered %i', async (method, target, status, body, errorType) => {
    const { send, calls } = await startFixture(restTemplate())
    const reply = await send(target, { method, headers: [bearer] })
    expect(reply).toMatchObject({ status, body })
    expect(reply.headers['x-amzn-errortype']).toBe(errorType)
    expect(reply.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/)
    expect(calls).toEqual([])
  })
})

describe('TOKEN authorizer', () => {
  test('gets exactly three fields, with the concrete path in the ARN', async () => {
    const { send, calls } = await startFixture(restTemplate({ methods: ['GET /orders/{id}'] }))
    await send('/local/orders/a%2Fb%3A*?x=1', { headers: [['authorization', 'Bearer a.b.c']] })
    expect(calls[0]).toEqual({
      function: 'Auth',
      event: {
        type: 'TOKEN',
        authorizationToken: 'Bearer a.b.c',
        methodArn: expect.stringMatching(
          /^arn:aws:execute-api:us-east-1:123456789012:[a-z0-9]{10}\/local\/GET\/orders\/a%2Fb%3A\*$/,
        ),
      },
    })
  })

  test.each<[string, string, string]>([
    ['/local', 'GET /', '/local/GET/'],
    ['/local/', 'GET /', '/local/GET/'],
    ['/local/orders/', 'GET /orders', '/local/GET/orders/'],
    ['/local//orders', 'GET /orders', '/local/GET/orders'],
  ])('%s has an ARN ending in %s', async (target, method, ending) => {
    const { send, calls } = await startFixture(restTemplate({ methods: [method] }))
    await send(target, { headers: [bearer] })
    expect(calls[0]?.event.methodArn.replace(/^[^/]*/, '')).toBe(
      ending.startsWith('/') ? ending : method && ending,
    )
  })

  test.each<[string, [string, string][]]>([
    ['missing', []],
    ['empty', [['Authorization', '']]],
    ['in another header', [['X-Authorization', 'Bearer abc']]],
  ])('a token that is %s is a 401 without a call', async (_, headers) => {
    const { send, calls } = await startFixture(restTemplate())
    const reply = await send('/local/orders', { headers })
    expect(reply).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' })
    expect(reply.headers['x-amzn-errortype']).toBe('UnauthorizedException')
    expect(calls).toEqual([])
  })

  test.each<[string, number]>([
    ['Bearer abc', 200],
    ['Bearer abc!', 401],
    ['xBearer abc', 401],
  ])('IdentityValidationExpression must match the whole of %s: %i', async (token, status) => {
    const authorizer = { IdentityValidationExpression: 'Bearer [a-z]+' }
    const { send } = await startFixture(restTemplate({ authorizer }))
    expect((await send('/local/orders', { headers: [['Authorization', token]] })).status).toBe(status)
  })

  test.each<['last' | 'first' | 'joined', string]>([
    ['last', 'two'],
    ['first', 'one'],
    ['joined', 'one,two'],
  ])('of two token headers it gets the %s', async (duplicateTokenHeader, expected) => {
    const { send, calls } = await startFixture(restTemplate(), { undocumented: { duplicateTokenHeader } })
    await send('/local/orders', {
      headers: [
        ['Authorization', 'one'],
        ['authorization', 'two'],
      ],
    })
    expect(calls[0]?.event.authorizationToken).toBe(expected)
  })

  test('an ARN over 1600 bytes is a 414', async () => {
    const { send, calls } = await startFixture(restTemplate({ methods: ['GET /{proxy+}'] }))
    const room = 1600 - 'arn:aws:execute-api:us-east-1:123456789012:abcdefghij/local/GET/'.length
    expect((await send(`/local/${'a'.repeat(room)}`, { headers: [bearer] })).status).toBe(200)
    calls.length = 0
    expect((await send(`/local/${'a'.repeat(room + 1)}`, { headers: [bearer] })).status).toBe(414)
    expect(calls).toEqual([])
  })
})

describe('REQUEST authorizer', () => {
  test.each<[string, string, [string, string][], number]>([
    ['all present', '/local/orders?tenant=a', [bearer], 200],
    ['header missing', '/local/orders?tenant=a', [], 401],
    ['header empty', '/local/orders?tenant=a', [['Authorization', '']], 401],
    ['query missing', '/local/orders', [bearer], 401],
    ['query empty', '/local/orders?tenant=', [bearer], 401],
    ['query name in another case', '/local/orders?Tenant=a', [bearer], 401],
    ['header name in another case', '/local/orders?tenant=a', [['AUTHORIZATION', 'x']], 200],
  ])('identity sources: %s', async (_, target, headers, status) => {
    const { send, calls } = await startFixture(restTemplate({ authorizer: requestAuthorizer }))
    expect((await send(target, { headers })).status).toBe(status)
    expect(calls.length > 0).toBe(status === 200)
  })

  test('a stage variable that is not set is a missing source', async () => {
    const authorizer = { Type: 'REQUEST', IdentitySource: 'stageVariables.realm' }
    const { send } = await startFixture(restTemplate({ authorizer }))
    expect((await send('/local/orders')).status).toBe(401)
    const more: Resources = {
      Deployment: {
        Type: 'AWS::ApiGateway::Deployment',
        Properties: { StageName: 'local', StageDescription: { Variables: { realm: 'r' } } },
      },
    }
    const withVariable = await startFixture(restTemplate({ authorizer, more }))
    expect((await withVariable.send('/local/orders')).status).toBe(200)
  })

  test('the event has the request unchanged', async () => {
    const authorizer = { Type: 'REQUEST', IdentitySource: 'method.request.header.Authorization' }
    const methods = ['GET /orders/{id}']
    const { send, calls } = await startFixture(restTemplate({ authorizer, methods }), {
      now: () => 1795262400000,
    })
    await send('/local//orders/a%2Bb/?q=1&q=a%20b+c&e', {
      headers: [
        ['authorization', 'one'],
        ['AUTHORIZATION', 'two'],
        ['tEsT-HEADeR', 'x'],
        ['TE', 'trailers'],
        ['Connection', 'close'],
        ['X-Forwarded-For', '1.2.3.4'],
      ],
    })
    const event = calls[0]?.event
    expect(event).toMatchObject({
      type: 'REQUEST',
      resource: '/orders/{id}',
      path: '/orders/a%2Bb/',
      httpMethod: 'GET',
      queryStringParameters: { q: 'a b c', e: '' },
      multiValueQueryStringParameters: { q: ['1', 'a b c'], e: [''] },
      pathParameters: { id: 'a%2Bb' },
      stageVariables: null,
      requestContext: {
        path: '/local//orders/a%2Bb/',
        stage: 'local',
        resourcePath: '/orders/{id}',
        httpMethod: 'GET',
        accountId: '123456789012',
        requestTime: '21/Nov/2026:12:00:00 +0000',
        identity: { sourceIp: '127.0.0.1' },
      },
    })
    expect(event.headers).toMatchObject({
      Authorization: 'two',
      'tEsT-HEADeR': 'x',
      'X-Forwarded-For': '1.2.3.4, 127.0.0.1',
    })
    expect(event.multiValueHeaders['Authorization']).toEqual(['one', 'two'])
    expect(Object.keys(event.headers)).not.toEqual(expect.arrayContaining(['TE']))
    expect(Object.keys(event.headers)).not.toEqual(expect.arrayContaining(['Connection']))
    expect(event).not.toHaveProperty('body')
    expect(event).not.toHaveProperty('version')
  })

  test('empty maps are null', async () => {
    const { send, calls } = await startFixture(
      restTemplate({ authorizer: { ...requestAuthorizer, IdentitySource: undefined } }),
    )
    await send('/local/orders')
    expect(calls[0]?.event).toMatchObject({
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
    })
  })

  test.each<['of-the-resource' | 'as-received', string]>([
    ['of-the-resource', 'ANY'],
    ['as-received', 'GET'],
  ])('httpMethod of a method ANY is %s', async (restAuthorizerMethod, shown) => {
    const template = restTemplate({ methods: ['ANY /orders'], authorizer: { Type: 'REQUEST' } })
    const { send, calls } = await startFixture(template, { undocumented: { restAuthorizerMethod } })
    await send('/local/orders', { headers: [bearer] })
    expect(calls[0]!.event.httpMethod).toBe(shown)
    expect(calls[0]!.event.requestContext.httpMethod).toBe('GET')
    expect(calls[1]!.event.httpMethod).toBe('GET')
  })

  test('X-HTTP-Method-Override changes the method', async () => {
    const { send, calls } = await startFixture(
      restTemplate({ methods: ['GET /orders open', 'DELETE /orders'] }),
    )
    expect((await send('/local/orders', { headers: [['x-http-method-override', 'DELETE']] })).status).toBe(
      401,
    )
    expect(calls).toEqual([])
  })
})
