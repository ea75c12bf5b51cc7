// How a REST API treats the answers of its functions: who passes, with which context, and what the client gets.

import { describe, expect, test } from 'vitest'
import { answer, bearer, policyAnswer, startFixture, thrown, timedOut } from './gateway-fixture.ts'
import { restTemplate, type Resources } from './template-builder.ts'

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
