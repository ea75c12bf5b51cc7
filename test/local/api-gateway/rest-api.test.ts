import { describe, expect, test } from 'vitest'
import { answer, bearer, policyAnswer, startFixture, thrown, timedOut } from './gateway-fixture.ts'
import { restTemplate, type Resources } from './template-builder.ts'

const requestAuthorizer = {
  Type: 'REQUEST',
  IdentitySource:
    'method.request.header.Authorization, method.request.querystring.tenant, context.httpMethod',
}

function gatewayResponse(type: string, properties: object): Resources {
  return {
    [`Response${type}`]: {
      Type: 'AWS::ApiGateway::GatewayResponse',
      Properties: { RestApiId: { Ref: 'Rest' }, ResponseType: type, ...properties },
    },
  }
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

  test('the event holds the request as it was sent', async () => {
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
  ])('httpMethod of a method ANY is shown %s', async (restAuthorizerMethod, shown) => {
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

describe('answers', () => {
  const explicit = '{"Message":"User is not authorized to access this resource with an explicit deny"}'
  const implicit = '{"Message":"User is not authorized to access this resource"}'

  test.each<[string, Parameters<typeof startFixture>[1], number, string, string | undefined]>([
    [
      'thrown Unauthorized',
      { auth: thrown('Unauthorized') },
      401,
      '{"message":"Unauthorized"}',
      'UnauthorizedException',
    ],
    [
      'thrown Unauthorized with more',
      { auth: thrown('Unauthorized: expired') },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    [
      'thrown unauthorized',
      { auth: thrown('unauthorized') },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    ['timeout', { auth: timedOut }, 500, '{"message":null}', 'AuthorizerFailureException'],
    [
      'gateway gives up',
      { auth: () => new Promise(() => {}), undocumented: { restAuthorizerTimeoutMs: 1 } },
      500,
      '{"message":null}',
      'AuthorizerFailureException',
    ],
    [
      'returned "Unauthorized"',
      { auth: answer('Unauthorized') },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    ['null', { auth: answer(null) }, 500, '{"message":null}', 'AuthorizerConfigurationException'],
    [
      'simple answer',
      { auth: answer({ isAuthorized: true }) },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    [
      'no principalId',
      { auth: answer({ ...policyAnswer('Allow'), principalId: undefined }) },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    [
      'no principalId, accepted',
      {
        auth: answer({ ...policyAnswer('Allow'), principalId: undefined }),
        undocumented: { missingPrincipalId: 'accepted' },
      },
      200,
      'backend',
      undefined,
    ],
    [
      'array in context',
      { auth: answer(policyAnswer('Allow', '*', { context: { a: [1] } })) },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    [
      'null in context',
      { auth: answer(policyAnswer('Allow', '*', { context: { a: null } })) },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    [
      'object in the context of a deny',
      { auth: answer(policyAnswer('Deny', '*', { context: { a: {} } })) },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    [
      'malformed policy',
      { auth: answer(policyAnswer('Permit')) },
      500,
      '{"message":null}',
      'AuthorizerConfigurationException',
    ],
    ['explicit deny', { auth: answer(policyAnswer('Deny')) }, 403, explicit, 'AccessDeniedException'],
    [
      'allow of another path',
      { auth: answer(policyAnswer('Allow', 'arn:aws:execute-api:*:*:*/local/GET/other')) },
      403,
      implicit,
      'AccessDeniedException',
    ],
    [
      'allow',
      { auth: answer(policyAnswer('Allow', 'arn:aws:execute-api:*:*:*/local/GET/orders')) },
      200,
      'backend',
      undefined,
    ],
    [
      'integration throws',
      { backend: thrown('x') },
      502,
      '{"message":"Internal server error"}',
      'InternalServerErrorException',
    ],
    [
      'integration times out',
      { backend: timedOut },
      502,
      '{"message":"Internal server error"}',
      'InternalServerErrorException',
    ],
    [
      'integration answers text',
      { backend: answer('x') },
      502,
      '{"message":"Internal server error"}',
      'InternalServerErrorException',
    ],
    [
      'integration answers an object body',
      { backend: answer({ statusCode: 200, body: {} }) },
      502,
      '{"message":"Internal server error"}',
      'InternalServerErrorException',
    ],
    [
      'integration answers a broken header',
      { backend: answer({ statusCode: 200, headers: { a: 'b\nc' } }) },
      502,
      '{"message":"Internal server error"}',
      'InternalServerErrorException',
    ],
  ])('%s', async (_, options, status, body, errorType) => {
    const { send, called } = await startFixture(restTemplate(), options)
    const reply = await send('/local/orders', { headers: [bearer] })
    expect(reply).toMatchObject({ status, body })
    expect(reply.headers['x-amzn-errortype']).toBe(errorType)
    if (status < 500 && status !== 200) expect(called()).toEqual(['Auth'])
  })

  test('a method without authorizer calls the integration only', async () => {
    const { send, calls } = await startFixture(restTemplate({ methods: ['GET /health open'] }))
    expect((await send('/local/health')).status).toBe(200)
    expect(calls.map((call) => call.function)).toEqual(['Backend'])
    expect(calls[0]?.event.requestContext).not.toHaveProperty('authorizer')
  })

  test('the context reaches the integration as text', async () => {
    const auth = answer(policyAnswer('Allow', '*', { context: { scope: 'a b', level: 3, admin: false } }))
    const { send, calls } = await startFixture(restTemplate(), { auth })
    await send('/local/orders', { headers: [bearer] })
    expect(calls[1]?.event.requestContext.authorizer).toEqual({
      principalId: 'someone',
      scope: 'a b',
      level: '3',
      admin: 'false',
      integrationLatency: expect.any(Number),
    })
  })

  test('the context cannot replace principalId', async () => {
    const auth = answer(policyAnswer('Allow', '*', { context: { principalId: 'admin' } }))
    const { send, calls } = await startFixture(restTemplate(), { auth })
    await send('/local/orders', { headers: [bearer] })
    expect(calls[1]?.event.requestContext.authorizer.principalId).toBe('someone')
  })
})

describe('integration', () => {
  test('body, headers and status travel both ways; WWW-Authenticate is renamed', async () => {
    const backend = answer({
      statusCode: 201,
      headers: { 'WWW-Authenticate': 'Bearer', 'X-One': 1, Connection: 'upgrade' },
      multiValueHeaders: { 'Set-Cookie': ['a=1', 'b=2'] },
      body: 'made',
    })
    const { send, calls } = await startFixture(restTemplate({ methods: ['POST /orders open'] }), { backend })
    const reply = await send('/local/orders', { method: 'POST', body: 'größe' })
    expect(calls[0]?.event).toMatchObject({ body: 'größe', isBase64Encoded: false })
    expect(reply).toMatchObject({ status: 201, body: 'made' })
    expect(reply.headers).toMatchObject({
      'x-amzn-remapped-www-authenticate': 'Bearer',
      'x-one': '1',
      'set-cookie': ['a=1', 'b=2'],
      'content-type': 'application/json',
    })
    expect(reply.headers['www-authenticate']).toBeUndefined()
  })

  test('binary media types are base64 in both directions', async () => {
    const more: Resources = {
      Rest: { Type: 'AWS::ApiGateway::RestApi', Properties: { BinaryMediaTypes: ['image/*'] } },
    }
    const backend = answer({ statusCode: 200, body: 'AAEC', isBase64Encoded: true })
    const { send, calls } = await startFixture(restTemplate({ methods: ['POST /orders open'], more }), {
      backend,
    })
    const headers: [string, string][] = [
      ['Content-Type', 'image/png'],
      ['Accept', 'image/png'],
    ]
    const reply = await send('/local/orders', { method: 'POST', body: Buffer.from([0, 1, 2]), headers })
    expect(calls[0]?.event).toMatchObject({ body: 'AAEC', isBase64Encoded: true })
    expect(reply.body).toBe('\0\x01\x02')
    expect((await send('/local/orders', { method: 'POST' })).body).toBe('AAEC')
  })
})

describe('gateway responses', () => {
  const denied = gatewayResponse('ACCESS_DENIED', {
    StatusCode: '401',
    ResponseParameters: {
      'gatewayresponse.header.WWW-Authenticate': 'context.authorizer.challenge',
      'gatewayresponse.header.Access-Control-Allow-Origin': "'*'",
      'gatewayresponse.header.X-Echo': 'method.request.header.X-Trace',
    },
    ResponseTemplates: {
      'application/json':
        '{"m":$context.error.messageString,"t":"$context.error.message","id":"$context.requestId","c":"$context.authorizer.code","u":"$context.authorizer.none"}',
    },
  })

  test('a returned deny sets status, headers and body', async () => {
    const context = { challenge: 'Bearer error="invalid_token"', code: 'expired' }
    const auth = answer(policyAnswer('Deny', '*', { context }))
    const { send } = await startFixture(restTemplate({ more: denied }), { auth })
    const reply = await send('/local/orders', { headers: [bearer, ['x-trace', 't1']] })
    const message = 'User is not authorized to access this resource with an explicit deny'
    expect(reply.status).toBe(401)
    expect(reply.headers).toMatchObject({
      'www-authenticate': 'Bearer error="invalid_token"',
      'access-control-allow-origin': '*',
      'x-echo': 't1',
    })
    expect(JSON.parse(reply.body)).toEqual({
      m: message,
      t: message,
      id: reply.headers['x-amzn-requestid'],
      c: 'expired',
      u: '',
    })
  })

  test.each<['omitted' | 'empty', string | undefined]>([
    ['omitted', undefined],
    ['empty', ''],
  ])('a header without a value is %s', async (unsetGatewayResponseHeader, expected) => {
    const auth = answer(policyAnswer('Deny'))
    const { send } = await startFixture(restTemplate({ more: denied }), {
      auth,
      undocumented: { unsetGatewayResponseHeader },
    })
    expect((await send('/local/orders', { headers: [bearer] })).headers['www-authenticate']).toBe(expected)
  })

  test('a value that cannot be a header is left out', async () => {
    const auth = answer(policyAnswer('Deny', '*', { context: { challenge: 'a\r\nX-Injected: 1' } }))
    const { send } = await startFixture(restTemplate({ more: denied }), { auth })
    const reply = await send('/local/orders', { headers: [bearer] })
    expect(reply.status).toBe(401)
    expect(reply.headers['www-authenticate']).toBeUndefined()
    expect(reply.headers['x-injected']).toBeUndefined()
  })

  test('context.authorizer has no value when the authorizer threw', async () => {
    const more = gatewayResponse('UNAUTHORIZED', {
      ResponseParameters: {
        'gatewayresponse.header.WWW-Authenticate': "'Bearer'",
        'gatewayresponse.header.X-Who': 'context.authorizer.principalId',
      },
    })
    const { send } = await startFixture(restTemplate({ more }), { auth: thrown('Unauthorized') })
    const reply = await send('/local/orders', { headers: [bearer] })
    expect(reply).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' })
    expect(reply.headers['www-authenticate']).toBe('Bearer')
    expect(reply.headers['x-who']).toBeUndefined()
  })

  test('a specific type wins over DEFAULT_4XX, which covers the rest of 4xx only', async () => {
    const more = {
      ...gatewayResponse('DEFAULT_4XX', {
        StatusCode: '418',
        ResponseParameters: { 'gatewayresponse.header.X-A': "'a'" },
      }),
      ...gatewayResponse('UNAUTHORIZED', { ResponseParameters: { 'gatewayresponse.header.X-B': "'b'" } }),
    }
    const auth = ({ authorizationToken }: any) =>
      authorizationToken === 'x' ? thrown('x') : answer(policyAnswer('Deny'))
    const { send } = await startFixture(restTemplate({ more }), { auth })
    const unauthorized = await send('/local/orders')
    expect(unauthorized.status).toBe(401)
    expect(unauthorized.headers['x-a']).toBeUndefined()
    expect(unauthorized.headers['x-b']).toBe('b')
    expect((await send('/local/orders', { headers: [bearer] })).status).toBe(418)
    expect((await send('/local/nothing')).status).toBe(418)
    expect((await send('/local/orders', { headers: [['Authorization', 'x']] })).status).toBe(500)
  })
})
