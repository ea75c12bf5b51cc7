// The WebSocket API: who may shake hands, which events the functions get, and where messages go. The client is a real
// one.

import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import { startApiGateway, type InvokeResult } from '../../../local/api-gateway/index.ts'
import { answer, policyAnswer, thrown } from './gateway-fixture.ts'
import { lambdaFunction, type Resources } from './template-builder.ts'

const uri = (id: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${${id}.Arn}/invocations`,
})
const owned = { ApiId: { Ref: 'Sockets' } }
const target = { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] }

const route = (RouteKey: string, more: object = {}) => ({
  Type: 'AWS::ApiGatewayV2::Route',
  Properties: { ...owned, RouteKey, Target: target, ...more },
})

const RESOURCES: Resources = {
  Auth: lambdaFunction(),
  Backend: lambdaFunction(),
  Sockets: {
    Type: 'AWS::ApiGatewayV2::Api',
    Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
  },
  Stage: { Type: 'AWS::ApiGatewayV2::Stage', Properties: { ...owned, StageName: 'local' } },
  Authorizer: {
    Type: 'AWS::ApiGatewayV2::Authorizer',
    Properties: {
      ...owned,
      AuthorizerType: 'REQUEST',
      AuthorizerUri: uri('Auth'),
      IdentitySource: ['route.request.header.Authorization'],
    },
  },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: { ...owned, IntegrationType: 'AWS_PROXY', IntegrationUri: uri('Backend') },
  },
  Connect: route('$connect', { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } }),
  Disconnect: route('$disconnect'),
  Default: route('$default', { RouteResponseSelectionExpression: '$default' }),
  Quiet: route('quiet'),
  Response: {
    Type: 'AWS::ApiGatewayV2::RouteResponse',
    Properties: { ...owned, RouteId: { Ref: 'Default' }, RouteResponseKey: '$default' },
  },
}

async function start(
  auth: InvokeResult,
  backend: (event: any) => InvokeResult = () => answer({ statusCode: 200 }),
) {
  const calls: { id: string; event: any }[] = []
  const gateway = await startApiGateway({
    template: { Resources: RESOURCES },
    ports: { rest: 0, http: 0 },
    invoke: async (id, event: any) => {
      calls.push({ id, event })
      return id === 'Auth' ? auth : backend(event)
    },
  })
  onTestFinished(() => gateway.close())
  const connect = (headers: Record<string, string>, protocols: string[] = [], url = gateway.webSocketUrl!) =>
    new Promise<{ socket: WebSocket; status: number }>((resolve, reject) => {
      const socket = new WebSocket(url, protocols, { headers })
      onTestFinished(() => socket.terminate())
      socket.on('open', () => resolve({ socket, status: 101 }))
      socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve({ socket, status: statusCode }))
      socket.on('error', reject)
    })
  return { calls, connect, gateway }
}

const BEARER = { Authorization: 'Bearer abc' }
const said = (socket: WebSocket, text: string) =>
  new Promise<string>((resolve) => {
    socket.once('message', (data) => resolve(String(data)))
    socket.send(text)
  })

test.each<[string, InvokeResult, Record<string, string>, number, number]>([
  ['an Allow', answer(policyAnswer('Allow')), BEARER, 101, 1],
  ['a Deny', answer(policyAnswer('Deny')), BEARER, 403, 1],
  [
    'an Allow of something else',
    answer(policyAnswer('Allow', 'arn:aws:execute-api:us-east-1:*:x')),
    BEARER,
    403,
    1,
  ],
  ['Unauthorized', thrown('Unauthorized'), BEARER, 401, 1],
  ['another error', thrown('broken'), BEARER, 500, 1],
  ['a simple answer', answer({ isAuthorized: true }), BEARER, 500, 1],
  ['no identity source', answer(policyAnswer('Allow')), {}, 401, 0],
])('%s', async (_, auth, headers, status, calls) => {
  const { connect, calls: made } = await start(auth)
  expect((await connect(headers)).status).toBe(status)
  expect(made.filter(({ id }) => id === 'Auth')).toHaveLength(calls)
  expect(made.filter(({ id }) => id === 'Backend')).toHaveLength(status === 101 ? 1 : 0)
})

test('the authorizer is called for $connect, with an ARN without verb and path', async () => {
  const { connect, calls } = await start(answer(policyAnswer('Allow')))
  await connect(BEARER, [], undefined)
  const [{ event } = { event: {} }] = calls
  expect(event.methodArn).toMatch(/^arn:aws:execute-api:us-east-1:\d{12}:[a-z0-9]+\/local\/\$connect$/)
  expect(event).toMatchObject({
    type: 'REQUEST',
    requestContext: { routeKey: '$connect', eventType: 'CONNECT' },
  })
  expect(event).not.toHaveProperty('path')
  expect(event).not.toHaveProperty('httpMethod')
})

test('messages go to their route with the context of the handshake; answers come where there is a response', async () => {
  const context = { subject: 'alice', expires_at: 5 }
  const { connect, calls } = await start(
    answer(policyAnswer('Allow', '*', { context })),
    ({ requestContext, body }) =>
      answer({
        statusCode: 200,
        body: `${requestContext.routeKey} ${requestContext.authorizer?.subject} ${body}`,
      }),
  )
  const { socket } = await connect(BEARER)
  socket.send('{"action":"quiet"}')
  expect(await said(socket, 'hello')).toBe('$default alice hello')
  expect(await said(socket, '{"action":"unknown"}')).toBe('$default alice {"action":"unknown"}')
  const quiet = calls.find(({ event }) => event.requestContext.routeKey === 'quiet')
  expect(quiet?.event.requestContext.authorizer).toMatchObject({ subject: 'alice', expires_at: '5' })
})

test('the subprotocol is the one that $connect chose, and none where it chose none', async () => {
  const chosen = await start(answer(policyAnswer('Allow')), () =>
    answer({ statusCode: 200, headers: { 'Sec-WebSocket-Protocol': 'orders.v1' } }),
  )
  expect((await chosen.connect(BEARER, ['orders.v1', 'bearer', 'abc'])).socket.protocol).toBe('orders.v1')
})

test('a $connect integration can refuse, and another stage is none', async () => {
  const { connect, gateway } = await start(answer(policyAnswer('Allow')), () => answer({ statusCode: 418 }))
  expect((await connect(BEARER)).status).toBe(418)
  expect((await connect(BEARER, [], gateway.webSocketUrl!.replace('/local', '/other'))).status).toBe(403)
})
