// The sample events that AWS prints in its developer guide, one for each kind of authorizer, through the handler:
// the ones for REST, HTTP and WebSocket APIs. Placeholders are filled in, and a token is added where one belongs.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuthorizerEvent } from '../../functions/aws/event.ts'
import { createHandler } from '../../functions/aws/handler.ts'
import type { RouteRule } from '../../shared/index.ts'
import { startCaseWorld, type CaseWorld } from '../support/surroundings.ts'

let world: CaseWorld
let bearer: string

beforeAll(async () => {
  world = await startCaseWorld()
  bearer = `Bearer ${await world.main.token()}`
})

afterAll(() => world.close())

const ARN = 'arn:aws:execute-api:us-east-1:123456789012:abcdef123/test/GET/request'
const CERTIFICATE = {
  clientCertPem: 'CERT_CONTENT',
  subjectDN: 'www.example.com',
  issuerDN: 'Example issuer',
  serialNumber: 'a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1:a1',
  validity: { notBefore: 'May 28 12:30:02 2019 GMT', notAfter: 'Aug  5 09:36:04 2021 GMT' },
}

const restRequest = () => ({
  type: 'REQUEST',
  methodArn: ARN,
  resource: '/request',
  path: '/request',
  httpMethod: 'GET',
  headers: {
    'X-AMZ-Date': '20170718T062915Z',
    Accept: '*/*',
    HeaderAuth1: 'headerValue1',
    Authorization: bearer,
  },
  queryStringParameters: { QueryString1: 'queryValue1' },
  pathParameters: {},
  stageVariables: { StageVar1: 'stageValue1' },
  requestContext: {
    path: '/request',
    accountId: '123456789012',
    resourceId: '05c7jb',
    stage: 'test',
    requestId: '...',
    identity: { apiKey: '...', sourceIp: '...', clientCert: CERTIFICATE },
    resourcePath: '/request',
    httpMethod: 'GET',
    apiId: 'abcdef123',
  },
})

const http2 = (method: string, path: string) => ({
  version: '2.0',
  type: 'REQUEST',
  routeArn: ARN,
  identitySource: [bearer, '123'],
  routeKey: '$default',
  rawPath: path,
  rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
  cookies: ['cookie1', 'cookie2'],
  headers: { Authorization: bearer, Header2: 'value2' },
  queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
  requestContext: {
    accountId: '123456789012',
    apiId: 'api-id',
    authentication: { clientCert: CERTIFICATE },
    domainName: 'id.execute-api.us-east-1.amazonaws.com',
    domainPrefix: 'id',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: 'IP', userAgent: 'agent' },
    requestId: 'id',
    routeKey: '$default',
    stage: '$default',
    time: '12/Mar/2020:19:03:58 +0000',
    timeEpoch: 1583348638390,
  },
  pathParameters: { parameter1: 'value1' },
  stageVariables: { stageVariable1: 'value1', stageVariable2: 'value2' },
})

const webSocket = () => ({
  type: 'REQUEST',
  methodArn: 'arn:aws:execute-api:us-east-1:123456789012:abcdef123/default/$connect',
  headers: {
    Connection: 'upgrade',
    'content-length': '0',
    HeaderAuth1: 'headerValue1',
    Host: 'abcdef123.execute-api.us-east-1.amazonaws.com',
    'Sec-WebSocket-Key': '...',
    'Sec-WebSocket-Version': '13',
    Authorization: bearer,
  },
  multiValueHeaders: { Authorization: [bearer], HeaderAuth1: ['headerValue1'] },
  queryStringParameters: { QueryString1: 'queryValue1' },
  multiValueQueryStringParameters: { QueryString1: ['queryValue1'] },
  stageVariables: {},
  requestContext: {
    routeKey: '$connect',
    eventType: 'CONNECT',
    extendedRequestId: '...',
    requestTime: '19/Jan/2023:21:13:26 +0000',
    messageDirection: 'IN',
    stage: 'default',
    connectedAt: 1674162806344,
    requestTimeEpoch: 1674162806345,
    identity: { sourceIp: '...' },
    requestId: '...',
    domainName: 'abcdef123.execute-api.us-east-1.amazonaws.com',
    connectionId: '...',
    apiId: 'abcdef123',
  },
})

const routes: RouteRule[] = [
  { path: '/request', methods: ['GET'], scope: 'none' },
  { path: '$connect', methods: ['GET'], scope: 'none' },
]

async function call(event: object): Promise<{ answer?: Record<string, unknown>; thrown?: string }> {
  const handler = createHandler({ ...world.config, routes }, world.env, { report: () => {} })
  return handler(event as AuthorizerEvent).then(
    (answer) => ({ answer: answer as unknown as Record<string, unknown> }),
    (error: Error) => ({ thrown: error.message }),
  )
}

const allows = (Resource: string) => ({
  policyDocument: { Statement: [{ Effect: 'Allow', Resource }] },
  context: { subject: 'user-1' },
})

test.each<[string, () => object, object]>([
  ['REST, TOKEN', () => ({ type: 'TOKEN', authorizationToken: bearer, methodArn: ARN }), allows(ARN)],
  ['REST, REQUEST', restRequest, allows(ARN)],
  ['HTTP API, 2.0', () => http2('GET', '/request'), { isAuthorized: true, context: { subject: 'user-1' } }],
  [
    'HTTP API, 1.0',
    () => ({ ...restRequest(), version: '1.0', identitySource: bearer, authorizationToken: bearer }),
    allows(ARN),
  ],
  ['WebSocket', webSocket, allows('arn:aws:execute-api:us-east-1:123456789012:abcdef123/default/$connect')],
])('%s: allowed with the token, refused without', async (_, sample, expected) => {
  const event = sample()
  expect((await call(event)).answer).toMatchObject(expected)
  const without = JSON.parse(JSON.stringify(event).replaceAll(JSON.stringify(bearer), '""')) as object
  const { answer, thrown } = await call(without)
  expect(thrown ?? JSON.stringify(answer)).toMatch(/^Unauthorized$|"isAuthorized":false|"Effect":"Deny"/)
})

test('the guide prints a 2.0 event whose ARN names another method and path: nothing is decided on it', async () => {
  expect(await call(http2('POST', '/my/path'))).toEqual({ thrown: 'lanekeeper: event_unrecognised' })
})
