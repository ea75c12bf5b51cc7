// The sample events of AWS's developer guide, one for each kind of authorizer, through the handler. Every member is
// where the guide has it and none is added but the token; the values are ours. The guide's 2.0 event names another
// method and path in its ARN than elsewhere, so here it is made consistent; as printed it is refused.

import type { APIGatewayRequestAuthorizerEventV2, APIGatewayTokenAuthorizerEvent } from 'aws-lambda'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuthorizerEvent } from '../../../functions/aws/event.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import type { RouteRule } from '../../../shared/index.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'

let world: CaseWorld
let bearer: string

beforeAll(async () => {
  world = await startCaseWorld()
  bearer = `Bearer ${await world.main.token()}`
})

afterAll(() => world.close())

const GUIDE = 'https://docs.aws.amazon.com/apigateway/latest/developerguide'
const API = 'arn:aws:execute-api:eu-west-1:210987654321:a1b2c3d4e5'
const ARN = `${API}/test/GET/request`
const CERTIFICATE = {
  clientCertPem: '-----BEGIN CERTIFICATE-----',
  subjectDN: 'CN=client.test.example',
  issuerDN: 'CN=Test CA',
  serialNumber: '0a:1b:2c:3d',
  validity: { notBefore: 'Jan  1 00:00:00 2026 GMT', notAfter: 'Dec 31 23:59:59 2026 GMT' },
}

const restToken = () =>
  ({
    type: 'TOKEN',
    authorizationToken: bearer,
    methodArn: ARN,
  }) satisfies APIGatewayTokenAuthorizerEvent

const restRequest = () => ({
  type: 'REQUEST',
  methodArn: ARN,
  resource: '/request',
  path: '/request',
  httpMethod: 'GET',
  headers: {
    'X-AMZ-Date': '20261121T070000Z',
    Accept: 'application/json',
    HeaderAuth1: 'one',
    'CloudFront-Viewer-Country': 'CH',
    'CloudFront-Forwarded-Proto': 'https',
    'CloudFront-Is-Tablet-Viewer': 'false',
    'CloudFront-Is-Mobile-Viewer': 'true',
    'User-Agent': 'test',
    Authorization: bearer,
  },
  queryStringParameters: { QueryString1: 'two' },
  pathParameters: {},
  stageVariables: { StageVar1: 'three' },
  requestContext: {
    path: '/request',
    accountId: '210987654321',
    resourceId: 'r35our',
    stage: 'test',
    requestId: 'b1946ac9-2492-4d23-9c8f-5a1f0c7d2e11',
    identity: { apiKey: 'key', sourceIp: '192.0.2.7', clientCert: CERTIFICATE },
    resourcePath: '/request',
    httpMethod: 'GET',
    apiId: 'a1b2c3d4e5',
  },
})

const http1 = () => ({
  version: '1.0',
  identitySource: `${bearer},one`,
  authorizationToken: `${bearer},one`,
  ...restRequest(),
})

const http2 = (method: string, path: string) =>
  ({
    version: '2.0',
    type: 'REQUEST',
    routeArn: ARN,
    identitySource: [bearer, 'one'],
    routeKey: '$default',
    rawPath: path,
    rawQueryString: 'a=1&a=2&b=3',
    cookies: ['one=1', 'two=2'],
    headers: { authorization: bearer, header2: 'two' },
    queryStringParameters: { a: '1,2', b: '3' },
    requestContext: {
      accountId: '210987654321',
      apiId: 'a1b2c3d4e5',
      authentication: { clientCert: CERTIFICATE },
      domainName: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'a1b2c3d4e5',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: 'test' },
      requestId: 'JKJaXmPLvHcESHA=',
      routeKey: '$default',
      stage: '$default',
      time: '21/Nov/2026:07:00:00 +0000',
      timeEpoch: 1795244400000,
    },
    pathParameters: { one: '1' },
    stageVariables: { one: '1', two: '2' },
  }) satisfies APIGatewayRequestAuthorizerEventV2

const HANDSHAKE = {
  Connection: 'upgrade',
  'content-length': '0',
  HeaderAuth1: 'one',
  Host: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
  'Sec-WebSocket-Extensions': 'permessage-deflate',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Version': '13',
  Upgrade: 'websocket',
  'X-Amzn-Trace-Id': 'Root=1-65000000-000000000000000000000000',
  'X-Forwarded-For': '192.0.2.7',
  'X-Forwarded-Port': '443',
  'X-Forwarded-Proto': 'https',
}

const webSocket = () => {
  const headers = { ...HANDSHAKE, Authorization: bearer }
  return {
    type: 'REQUEST',
    methodArn: `${API}/default/$connect`,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: { QueryString1: 'two' },
    multiValueQueryStringParameters: { QueryString1: ['two'] },
    stageVariables: {},
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      extendedRequestId: 'dPFwDF3aoAMFjLw=',
      requestTime: '21/Nov/2026:07:00:00 +0000',
      messageDirection: 'IN',
      stage: 'default',
      connectedAt: 1795244400000,
      requestTimeEpoch: 1795244400001,
      identity: { sourceIp: '192.0.2.7' },
      requestId: 'dPFwDF3aoAMFjLx=',
      domainName: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      connectionId: 'dPFwDd6iIAMCJtQ=',
      apiId: 'a1b2c3d4e5',
    },
  }
}

/** The event that a live REST API sent for its root, which has the method ANY: it differs from the guide's event. */
const restRootCaptured = () => {
  const { headers, requestContext, ...event } = restRequest()
  return {
    ...event,
    methodArn: `${API}/test/GET/`,
    resource: '/',
    path: '/',
    httpMethod: 'ANY',
    headers: { ...headers, 'user-agent': 'curl/8' },
    multiValueHeaders: { Authorization: [bearer], 'user-agent': ['curl/8'] },
    multiValueQueryStringParameters: { QueryString1: ['two'] },
    requestContext: {
      ...requestContext,
      path: '/test',
      resourcePath: '/',
      extendedRequestId: 'aETx1HJcIAMEGdw=',
      requestTime: '21/Nov/2026:07:00:00 +0000',
      requestTimeEpoch: 1795244400000,
      protocol: 'HTTP/1.1',
      domainPrefix: 'a1b2c3d4e5',
      domainName: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      deploymentId: 'd3p10y',
      identity: { sourceIp: '192.0.2.7', userAgent: 'curl/8', caller: null, user: null },
    },
  }
}

const routes: RouteRule[] = [
  { path: '/', methods: ['GET'], scope: 'none' },
  { path: '/request', methods: ['GET'], scope: 'none' },
  { path: '$connect', methods: ['GET'], scope: 'none' },
]

async function call(event: object): Promise<{ answer?: Record<string, unknown>; thrown?: string }> {
  const handler = createHandler({ ...world.config, routes, aws: { resultTtlSeconds: 0 } }, world.env, {
    report: () => {},
  })
  return handler(event as AuthorizerEvent).then(
    (answer) => ({ answer: answer as unknown as Record<string, unknown> }),
    (error: Error) => ({ thrown: error.message }),
  )
}

const allows = (Resource: string) => ({
  policyDocument: { Statement: [{ Effect: 'Allow', Resource }] },
  context: { subject: 'user-1' },
})

const SAMPLES: [string, () => object, object, string][] = [
  ['REST, TOKEN', restToken, allows(ARN), `${GUIDE}/api-gateway-lambda-authorizer-input.html`],
  ['REST, REQUEST', restRequest, allows(ARN), `${GUIDE}/api-gateway-lambda-authorizer-input.html`],
  ['HTTP API, 1.0', http1, allows(ARN), `${GUIDE}/http-api-lambda-authorizer.html`],
  [
    'HTTP API, 2.0',
    () => http2('GET', '/request'),
    { isAuthorized: true, context: { subject: 'user-1' } },
    `${GUIDE}/http-api-lambda-authorizer.html`,
  ],
  [
    'WebSocket, $connect',
    webSocket,
    allows(`${API}/default/$connect`),
    `${GUIDE}/apigateway-websocket-api-lambda-auth.html`,
  ],
  [
    'REST, REQUEST, the root as captured',
    restRootCaptured,
    allows(`${API}/test/GET/`),
    'https://github.com/typelevel/feral, ApiGatewayCustomAuthorizerEventSuite',
  ],
]

test.each(SAMPLES)('%s: allowed with the token, refused without', async (_, sample, expected) => {
  const event = sample()
  expect((await call(event)).answer).toMatchObject(expected)
  const without = JSON.parse(JSON.stringify(event).replaceAll(bearer, '')) as object
  const { answer, thrown } = await call(without)
  expect(thrown ?? JSON.stringify(answer)).toMatch(/^Unauthorized$|"isAuthorized":false|"Effect":"Deny"/)
})

describe('the root of an API', () => {
  const changed = (context: object, members: object = {}) => {
    const event = restRootCaptured()
    return call({ ...event, ...members, requestContext: { ...event.requestContext, ...context } })
  }

  test('is spelled by its stage or base path alone, with or without the slash', async () => {
    for (const path of ['/test', '/test/', '/v1', '/v1/', '/'])
      expect((await changed({ path })).answer).toMatchObject(allows(`${API}/test/GET/`))
    expect((await changed({ path: '/v1' }, { path: '/v1' })).answer).toMatchObject(allows(`${API}/test/GET/`))
  })

  test('is not the path of another resource', async () => {
    const denied = {
      policyDocument: { Statement: [{ Effect: 'Deny' }] },
      context: { code: 'target_ambiguous' },
    }
    const elsewhere = { resource: '/{proxy+}', path: '/admin' }
    expect((await changed({ path: '/test/admin' }, elsewhere)).answer).toMatchObject(denied)
    expect((await changed({ path: '/test/..' })).answer).toMatchObject(denied)
  })

  test('of an HTTP API is the stage by its name, and no other path', async () => {
    const root = (rawPath: string) => {
      const event = http2('GET', rawPath)
      return call({ ...event, routeArn: `${API}/test/GET/` })
    }
    for (const path of ['/', '/test', '/test/'])
      expect((await root(path)).answer).toMatchObject({ isAuthorized: true })
    expect((await root('/admin')).answer).toMatchObject({ isAuthorized: false })
  })
})

test('the 2.0 event as the guide prints it is refused: its ARN names another method and path', async () => {
  expect(await call(http2('POST', '/my/path'))).toEqual({ thrown: 'lanekeeper: event_unrecognised' })
})
