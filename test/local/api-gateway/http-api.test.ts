import { describe, expect, test } from 'vitest'
import { answer, bearer, policyAnswer, startFixture, thrown, timedOut } from './gateway-fixture.ts'
import { httpTemplate } from './template-builder.ts'

const allowed = answer({ isAuthorized: true })
const policyOn = { EnableSimpleResponses: false }
const version1 = { AuthorizerPayloadFormatVersion: '1.0', EnableSimpleResponses: false }

describe('identity sources', () => {
  const IdentitySource = [
    '$request.header.X-Token',
    '$request.querystring.tenant',
    '$context.routeKey',
    '$context.path',
  ]

  test.each<[string, string, [string, string][], number]>([
    ['all present', '/orders?tenant=a', [['x-token', 't']], 200],
    ['header missing', '/orders?tenant=a', [], 401],
    ['header empty', '/orders?tenant=a', [['x-token', '']], 401],
    ['query missing', '/orders', [['x-token', 't']], 401],
    ['query empty', '/orders?tenant=', [['x-token', 't']], 401],
    ['query name in another case', '/orders?TENANT=a', [['x-token', 't']], 401],
  ])('%s', async (_, target, headers, status) => {
    const { send, calls } = await startFixture(httpTemplate({ authorizer: { IdentitySource } }), {
      auth: allowed,
    })
    const reply = await send(target, { headers })
    expect(reply.status).toBe(status)
    expect(calls.length > 0).toBe(status === 200)
    if (status === 401) expect(reply.body).toBe('{"message":"Unauthorized"}')
    else expect(calls[0]?.event.identitySource).toEqual(['t', 'a', 'GET /orders', '/orders'])
  })

  test('none configured is null', async () => {
    const authorizer = { IdentitySource: undefined }
    const { send, calls } = await startFixture(httpTemplate({ authorizer }), { auth: allowed })
    await send('/orders')
    expect(calls[0]?.event.identitySource).toBeNull()
  })
})

describe('answers', () => {
  const unauthorized = '{"message":"Unauthorized"}'
  const forbidden = '{"message":"Forbidden"}'
  const failed = '{"message":"Internal Server Error"}'
  type Options = Parameters<typeof startFixture>[1]

  test.each<[string, Record<string, unknown>, Options, number, string]>([
    ['isAuthorized true', {}, { auth: allowed }, 200, 'backend'],
    ['isAuthorized false', {}, { auth: answer({ isAuthorized: false }) }, 403, forbidden],
    ['isAuthorized "true"', {}, { auth: answer({ isAuthorized: 'true' }) }, 500, failed],
    ['policy where simple is on', {}, { auth: answer(policyAnswer('Allow')) }, 500, failed],
    [
      'both forms at once',
      {},
      { auth: answer({ ...policyAnswer('Allow'), isAuthorized: true }) },
      500,
      failed,
    ],
    ['simple where simple is off', policyOn, { auth: allowed }, 500, failed],
    [
      'policy allow',
      policyOn,
      { auth: answer(policyAnswer('Allow', 'arn:aws:execute-api:*:*:*/$default/GET/orders')) },
      200,
      'backend',
    ],
    ['policy explicit deny', policyOn, { auth: answer(policyAnswer('Deny')) }, 403, forbidden],
    [
      'policy without a match',
      policyOn,
      { auth: answer(policyAnswer('Allow', 'arn:aws:execute-api:*:*:x')) },
      403,
      forbidden,
    ],
    ['policy in 1.0', version1, { auth: answer(policyAnswer('Allow')) }, 200, 'backend'],
    ['simple in 1.0', version1, { auth: allowed }, 500, failed],
    ['thrown Unauthorized', {}, { auth: thrown('Unauthorized') }, 401, unauthorized],
    [
      'thrown Unauthorized, switched',
      {},
      { auth: thrown('Unauthorized'), undocumented: { httpApiThrownUnauthorized: 500 } },
      500,
      failed,
    ],
    ['thrown otherwise', {}, { auth: thrown('unauthorized') }, 500, failed],
    ['timeout', {}, { auth: timedOut }, 500, failed],
    ['null', {}, { auth: answer(null) }, 500, failed],
    ['integration throws', {}, { auth: allowed, backend: thrown('x') }, 500, failed],
    ['integration times out', {}, { auth: allowed, backend: timedOut }, 500, failed],
  ])('%s', async (_, authorizer, options, status, body) => {
    const { send, called } = await startFixture(httpTemplate({ authorizer }), options)
    const reply = await send('/orders', { headers: [bearer] })
    expect(reply).toMatchObject({ status, body })
    expect(reply.headers['apigw-requestid']).toMatch(/^.{15}=$/)
    expect(reply.headers['x-amzn-errortype']).toBeUndefined()
    if (status === 401 || status === 403) expect(called()).toEqual(['Auth'])
  })

  test('the gateway does not wait for an integration beyond its timeout', async () => {
    const backend = () => new Promise<never>(() => {})
    const { send } = await startFixture(httpTemplate({ integration: { TimeoutInMillis: 50 } }), {
      auth: allowed,
      backend,
    })
    const reply = await send('/orders', { headers: [bearer] })
    expect(reply).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' })
  })

  test('no route is a 404 without a call', async () => {
    const { send, calls } = await startFixture(httpTemplate())
    for (const target of ['/orders/', '/nothing', '//orders']) {
      expect(await send(target, { headers: [bearer] })).toMatchObject({
        status: 404,
        body: '{"message":"Not Found"}',
      })
    }
    expect(calls).toEqual([])
  })
})

describe('authorizer event', () => {
  const request = {
    headers: [
      ['Authorization', 'Bearer a'],
      ['authorization', 'Bearer b'],
      ['X-Two', '1'],
      ['x-two', '2'],
      ['Cookie', 'a=1; b=2'],
      ['Cookie', 'c=3'],
      ['User-Agent', 'curl/8'],
    ] as [string, string][],
  }

  test('2.0 lower-cases, joins and takes cookies apart', async () => {
    const template = httpTemplate({ routes: ['GET /orders/{id}'] })
    const { send, calls } = await startFixture(template, { auth: allowed, now: () => 1795262400000 })
    await send('/orders/7?q=1&q=a%20b', request)
    const { event } = calls[0]!
    expect(event).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: expect.stringMatching(
        /^arn:aws:execute-api:us-east-1:123456789012:[a-z0-9]{10}\/\$default\/GET\/orders\/7$/,
      ),
      identitySource: ['Bearer b'],
      routeKey: 'GET /orders/{id}',
      rawPath: '/orders/7',
      rawQueryString: 'q=1&q=a%20b',
      cookies: ['a=1', 'b=2', 'c=3'],
      queryStringParameters: { q: '1,a b' },
      pathParameters: { id: '7' },
      requestContext: {
        accountId: '123456789012',
        http: {
          method: 'GET',
          path: '/orders/7',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8',
        },
        routeKey: 'GET /orders/{id}',
        stage: '$default',
        time: '21/Nov/2026:12:00:00 +0000',
        timeEpoch: 1795262400000,
      },
    })
    expect(event.headers).toMatchObject({ authorization: 'Bearer a,Bearer b', 'x-two': '1,2' })
    expect(event.headers).not.toHaveProperty('cookie')
    expect(event).not.toHaveProperty('body')
    expect(event).not.toHaveProperty('stageVariables')
  })

  test('1.0 looks like a REST request', async () => {
    const auth = answer(policyAnswer('Allow'))
    const { send, calls } = await startFixture(httpTemplate({ authorizer: version1 }), { auth })
    await send('/orders', { headers: [bearer] })
    expect(calls[0]?.event).toMatchObject({
      version: '1.0',
      type: 'REQUEST',
      methodArn: expect.stringMatching(/\/\$default\/GET\/orders$/),
      identitySource: 'Bearer abc',
      authorizationToken: 'Bearer abc',
      resource: '/orders',
      path: '/orders',
      httpMethod: 'GET',
      queryStringParameters: null,
      pathParameters: null,
    })
  })

  test('a named stage is part of rawPath, of the URL, and once of the ARN', async () => {
    const stage = { StageName: 'beta' }
    const { gateway, send, calls } = await startFixture(httpTemplate({ stage }), { auth: allowed })
    expect(gateway.httpUrl).toMatch(/\/beta$/)
    expect((await send('/beta/orders', { headers: [bearer] })).status).toBe(200)
    expect(calls[0]?.event).toMatchObject({
      rawPath: '/beta/orders',
      routeArn: expect.stringMatching(/[0-9a-z]{10}\/beta\/GET\/orders$/),
    })
    expect((await send('/orders', { headers: [bearer] })).status).toBe(404)
  })

  test.each<['decoded' | 'as-received', string]>([
    ['decoded', '/orders/a/../b'],
    ['as-received', '/orders/a%2F..%2fb%3Fx'],
  ])('rawPath is %s', async (httpApiPath, rawPath) => {
    const template = httpTemplate({ routes: ['GET /orders/{id}'] })
    const { send, calls } = await startFixture(template, { auth: allowed, undocumented: { httpApiPath } })
    await send('/orders/a%2F..%2fb%3Fx', { headers: [bearer] })
    expect(calls[0]?.event.rawPath).toBe(rawPath)
  })
})

describe('integration', () => {
  const open = { routes: ['POST /orders open'] }

  test('2.0 keeps the types of the context', async () => {
    const context = { level: 3, scopes: ['a'], nested: { admin: false } }
    const { send, calls } = await startFixture(httpTemplate(), {
      auth: answer({ isAuthorized: true, context }),
    })
    await send('/orders', { headers: [bearer] })
    expect(calls[1]?.event.requestContext.authorizer).toEqual({ lambda: context })
    expect(calls[1]?.event).not.toHaveProperty('body')
  })

  test('without an authorizer there is no authorizer context, whatever the client sends', async () => {
    const { send, calls } = await startFixture(httpTemplate(open))
    await send('/orders', { method: 'POST', headers: [bearer, ['sls-offline-authorizer-override', '{}']] })
    expect(calls[0]?.event.requestContext).not.toHaveProperty('authorizer')
  })

  test('1.0 when the integration says so', async () => {
    const template = httpTemplate({ ...open, integration: { PayloadFormatVersion: '1.0' } })
    const { send, calls } = await startFixture(template)
    await send('/orders', { method: 'POST', body: '{}', headers: [['content-type', 'application/json']] })
    expect(calls[0]?.event).toMatchObject({
      version: '1.0',
      httpMethod: 'POST',
      body: '{}',
      isBase64Encoded: false,
    })
  })

  test.each([
    ['application/json; charset=utf-8', 'a', 'a', false],
    ['text/plain', 'a', 'a', false],
    ['application/octet-stream', 'a', 'YQ==', true],
  ])('a %s body', async (type, body, expected, isBase64Encoded) => {
    const { send, calls } = await startFixture(httpTemplate(open))
    await send('/orders', { method: 'POST', body, headers: [['content-type', type]] })
    expect(calls[0]?.event).toMatchObject({ body: expected, isBase64Encoded })
  })

  test.each<[unknown, number, string]>([
    [{ hello: 1 }, 200, '{"hello":1}'],
    ['hello', 200, 'hello'],
    [[1], 200, '[1]'],
    [{ statusCode: 204 }, 204, ''],
    [{ statusCode: '201', body: 'x' }, 201, 'x'],
    [{ statusCode: 200, body: 'aGk=', isBase64Encoded: true }, 200, 'hi'],
    [{ statusCode: 700 }, 500, '{"message":"Internal Server Error"}'],
  ])('the answer %j is sent as %i %s', async (payload, status, body) => {
    const { send } = await startFixture(httpTemplate(open), { backend: answer(payload) })
    expect(await send('/orders', { method: 'POST' })).toMatchObject({ status, body })
  })

  test('cookies become set-cookie, WWW-Authenticate keeps its name', async () => {
    const backend = answer({
      statusCode: 401,
      cookies: ['a=1', 'b=2'],
      headers: { 'WWW-Authenticate': 'Bearer' },
    })
    const { send } = await startFixture(httpTemplate(open), { backend })
    const { headers } = await send('/orders', { method: 'POST' })
    expect(headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'www-authenticate': 'Bearer' })
  })
})
