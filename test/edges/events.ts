// Requests as API Gateway's documented authorizer events. Shapes and member names: AWS API Gateway developer
// guide, the pages on Lambda authorizer input for REST, HTTP and WebSocket APIs.

import type { EventShape } from '../../functions/aws/event.ts'
import type { CaseRequest, Field } from '../cases/row.ts'
import { clientCertOf } from './presented-certificate.ts'

const PREFIX = 'arn:aws:execute-api:eu-west-1:123456789012:abcdef1234'

const parametersOf = (query: string | undefined): Record<string, string> | null =>
  query === undefined ? null : Object.fromEntries(new URLSearchParams(query))

const multi = (single: Record<string, string> | null): Record<string, string[]> | null =>
  single === null ? null : Object.fromEntries(Object.entries(single).map(([name, value]) => [name, [value]]))

/** Every value of each field, by the name as it was sent. */
const valuesOf = (fields: readonly Field[]): Record<string, string[]> =>
  Object.fromEntries(
    [...Map.groupBy(fields, ([name]) => name)].map(([name, all]) => [name, all.map(([, value]) => value)]),
  )

/** HTTP APIs give header names in lower case, and join the values of a repeated field. */
const lowerCase = (fields: readonly Field[]): Record<string, string> =>
  Object.fromEntries(
    Object.entries(valuesOf(fields.map(([name, value]) => [name.toLowerCase(), value]))).map(
      ([name, values]) => [name, values.join(',')],
    ),
  )

/** A resource that takes every path but the root. */
const byProxy = (path: string): NonNullable<CaseRequest['dispatched']> =>
  path === '/'
    ? { template: '/', parameters: {} }
    : { template: '/{proxy+}', parameters: { proxy: path.replace(/^\//, '') } }

function restRequest({
  method,
  path,
  query,
  authorization,
  spelledAgain = path,
  dispatched = byProxy(path),
  fields = [],
  certificate,
}: CaseRequest): Record<string, unknown> {
  const headers: Record<string, string> = {
    Host: 'api.example.com',
    'X-Amz-Date': '20170718T062915Z',
    Accept: '*/*',
    ...Object.fromEntries(fields),
  }
  const multiValueHeaders: Record<string, string[]> = { ...multi(headers), ...valuesOf(fields) }
  if (authorization.length > 0) {
    headers['Authorization'] = authorization.at(-1)!
    multiValueHeaders['Authorization'] = [...authorization]
  }
  return {
    type: 'REQUEST',
    methodArn: `${PREFIX}/prod/${method}${path}`,
    resource: dispatched.template,
    path: spelledAgain,
    httpMethod: method,
    headers,
    multiValueHeaders,
    queryStringParameters: parametersOf(query),
    multiValueQueryStringParameters: multi(parametersOf(query)),
    pathParameters: dispatched.parameters,
    stageVariables: { StageVar1: 'stageValue1' },
    requestContext: {
      path: `/prod${path}`,
      accountId: '123456789012',
      resourceId: '05c7jb',
      stage: 'prod',
      requestId: 'chosen-by-the-client',
      extendedRequestId: 'dPFwDF3aoAMFjLw=',
      identity: { apiKey: null, sourceIp: '192.0.2.1', ...clientCertOf(certificate) },
      resourcePath: dispatched.template,
      httpMethod: method,
      apiId: 'abcdef1234',
    },
  }
}

function http2({
  method,
  path,
  query,
  authorization,
  spelledAgain = path,
  dispatched,
  fields = [],
  certificate,
}: CaseRequest): Record<string, unknown> {
  const routeKey = dispatched === undefined ? '$default' : `${method} ${dispatched.template}`
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${PREFIX}/$default/${method}${path}`,
    identitySource:
      authorization.length === 0 ? null : [authorization.join(','), method, spelledAgain, routeKey],
    routeKey,
    rawPath: spelledAgain,
    rawQueryString: query ?? '',
    cookies: ['cookie1', 'cookie2'],
    headers: {
      host: 'api.example.com',
      ...lowerCase(fields),
      ...(authorization.length === 0 ? {} : { authorization: authorization.join(',') }),
    },
    ...(query === undefined ? {} : { queryStringParameters: parametersOf(query) }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      authentication: clientCertOf(certificate),
      domainName: 'id.execute-api.eu-west-1.amazonaws.com',
      domainPrefix: 'id',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'agent' },
      requestId: 'id',
      routeKey,
      stage: '$default',
      time: '12/Mar/2020:19:03:58 +0000',
      timeEpoch: 1583348638390,
    },
    pathParameters: dispatched?.parameters ?? {},
    stageVariables: { stageVariable1: 'value1' },
  }
}

function http1(request: CaseRequest): Record<string, unknown> {
  const { methodArn, multiValueHeaders: _, ...rest } = restRequest(request)
  const joined = request.authorization.join(',')
  const identitySource =
    joined === '' ? '' : `${joined},${request.method},${rest['path']},${rest['resource']}`
  return {
    ...rest,
    version: '1.0',
    methodArn: (methodArn as string).replace('/prod/', '/$default/'),
    identitySource,
    authorizationToken: identitySource,
    headers: {
      host: 'api.example.com',
      ...lowerCase(request.fields ?? []),
      ...(request.authorization.length === 0 ? {} : { authorization: joined }),
    },
    requestContext: { ...(rest['requestContext'] as object), path: request.path, stage: '$default' },
  }
}

function websocket({ query, authorization, fields = [], certificate }: CaseRequest): Record<string, unknown> {
  const { headers, multiValueHeaders } = restRequest({ method: 'GET', path: '/', authorization, fields })
  return {
    type: 'REQUEST',
    methodArn: `${PREFIX}/prod/$connect`,
    headers,
    multiValueHeaders,
    ...(query === undefined ? {} : { queryStringParameters: parametersOf(query) }),
    stageVariables: {},
    requestContext: {
      routeKey: '$connect',
      eventType: 'CONNECT',
      extendedRequestId: '05WAcFx7IAMFk-Q=',
      requestTime: '19/Jan/2023:21:13:26 +0000',
      messageDirection: 'IN',
      stage: 'prod',
      connectedAt: 1674162806344,
      requestTimeEpoch: 1674162806345,
      identity: { sourceIp: '192.0.2.1', ...clientCertOf(certificate) },
      requestId: '05WAcFx7IAMFk-Q=',
      domainName: 'abcdef1234.execute-api.eu-west-1.amazonaws.com',
      connectionId: '05WAcfdKoAMCJyg=',
      apiId: 'abcdef1234',
    },
  }
}

export const TO_EVENT: Readonly<Record<EventShape, (request: CaseRequest) => Record<string, unknown>>> = {
  rest_token: ({ method, path, authorization }) => ({
    type: 'TOKEN',
    authorizationToken: authorization[0],
    methodArn: `${PREFIX}/prod/${method}${path}`,
  }),
  rest_request: restRequest,
  http_2: http2,
  http_1: http1,
  websocket,
}
