// The answers of a REST API itself: status, headers and body of its gateway responses.

import { describe, expect, test } from 'vitest'
import { answer, bearer, policyAnswer, startFixture, thrown } from './gateway-fixture.ts'
import { restTemplate, type Resources } from './template-builder.ts'

function gatewayResponse(type: string, properties: object): Resources {
  return {
    [`Response${type}`]: {
      Type: 'AWS::ApiGateway::GatewayResponse',
      Properties: { RestApiId: { Ref: 'Rest' }, ResponseType: type, ...properties },
    },
  }
}

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
