// Events of an HTTP API: REQUEST authorizer input and Lambda proxy input, each in payload 2.0 and 1.0 (developer guide,
// "Control access to HTTP APIs with Lambda authorizers", "Lambda proxy integrations for HTTP APIs"). Payload 2.0 has
// lower-case names, joins duplicates with a comma, has cookies in a member of their own, and omits empty maps. Payload
// 1.0 is like that of a REST API.

import { ACCOUNT_ID } from './cloud-formation.ts'
import type { JsonObject } from './json.ts'
import type { HttpApi, PayloadVersion } from './model.ts'
import {
  allValues,
  domainName,
  forwardingHeaders,
  headerValues,
  lastValues,
  queryPairs,
  requestTime,
  type Pairs,
  type ReceivedRequest,
} from './request.ts'
import type { SelectedHttpRoute } from './http-route.ts'

export interface HttpRequest {
  api: HttpApi
  received: ReceivedRequest
  /** The path in events, which on the default endpoint begins with the stage if that is a named one. */
  path: string
  selected: SelectedHttpRoute
}

/** Header fields that are not forwarded. AWS does not document which ones HTTP APIs remove. */
const STRIPPED_HEADERS = new Set([
  'connection',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Media types of bodies that a function receives as text, not base64. The exact list is undocumented. */
const TEXT_TYPE = /^(text\/.*|application\/(json|xml|javascript)|.*\+(json|xml))$/

/** The `$context` that identity sources read. */
export function httpContext({ api, received, path, selected }: HttpRequest): JsonObject {
  return {
    accountId: ACCOUNT_ID,
    apiId: api.id,
    domainName: domainName(received),
    domainPrefix: domainName(received).split('.')[0],
    httpMethod: received.method,
    identity: {
      ...(received.clientCert && { clientCert: received.clientCert }),
      sourceIp: received.sourceIp,
      userAgent: userAgent(received),
    },
    path,
    protocol: received.protocol,
    requestId: received.id,
    requestTime: requestTime(received),
    requestTimeEpoch: received.timeMs,
    routeKey: selected.route.key,
    stage: api.stage,
  }
}

export function httpAuthorizerEvent(
  request: HttpRequest,
  version: PayloadVersion,
  arn: string,
  identity: string[],
): JsonObject {
  if (version === '2.0') {
    return {
      version,
      type: 'REQUEST',
      routeArn: arn,
      identitySource: identity.length > 0 ? identity : null,
      ...membersV2(request),
      requestContext: contextV2(request),
    }
  }
  const identitySource = identity.join(',')
  return {
    version,
    type: 'REQUEST',
    methodArn: arn,
    identitySource,
    authorizationToken: identitySource,
    ...membersV1(request),
    requestContext: contextV1(request),
  }
}

export function httpIntegrationEvent(
  request: HttpRequest,
  version: PayloadVersion,
  authorizer: JsonObject | undefined,
): JsonObject {
  const { body } = request.received
  const mediaType = headerValues(request.received, 'content-type').at(-1)?.split(';')[0]?.trim().toLowerCase()
  const isBase64Encoded = body.length > 0 && !TEXT_TYPE.test(mediaType ?? '')
  const text = body.toString(isBase64Encoded ? 'base64' : 'utf8')
  if (version === '2.0') {
    return {
      version,
      ...membersV2(request),
      requestContext: { ...contextV2(request), ...(authorizer && { authorizer: { lambda: authorizer } }) },
      ...(body.length > 0 && { body: text }),
      isBase64Encoded,
    }
  }
  return {
    version,
    ...membersV1(request),
    requestContext: { ...contextV1(request), ...(authorizer && { authorizer }) },
    body: body.length > 0 ? text : null,
    isBase64Encoded,
  }
}

function membersV2({ api, received, path, selected }: HttpRequest): JsonObject {
  const cookies = headerValues(received, 'cookie').flatMap((line) => line.split(/;\s*/).filter(Boolean))
  const query = queryPairs(received)
  const forwarded = httpHeaders(received).filter(([name]) => name !== 'cookie')
  return {
    routeKey: selected.route.key,
    rawPath: path,
    rawQueryString: received.query,
    ...(cookies.length > 0 && { cookies }),
    headers: joinValues(forwarded),
    ...(query.length > 0 && { queryStringParameters: joinValues(query) }),
    ...(selected.pathParameters && { pathParameters: selected.pathParameters }),
    ...(Object.keys(api.stageVariables).length > 0 && { stageVariables: api.stageVariables }),
  }
}

function contextV2({ api, received, path, selected }: HttpRequest): JsonObject {
  return {
    accountId: ACCOUNT_ID,
    apiId: api.id,
    ...(received.clientCert && { authentication: { clientCert: received.clientCert } }),
    domainName: domainName(received),
    domainPrefix: domainName(received).split('.')[0],
    http: {
      method: received.method,
      path,
      protocol: received.protocol,
      sourceIp: received.sourceIp,
      userAgent: userAgent(received),
    },
    requestId: received.id,
    routeKey: selected.route.key,
    stage: api.stage,
    time: requestTime(received),
    timeEpoch: received.timeMs,
  }
}

function membersV1({ api, received, path, selected }: HttpRequest): JsonObject {
  const headers = httpHeaders(received)
  const query = queryPairs(received)
  return {
    resource: resourceOf(selected.route.key),
    path,
    httpMethod: received.method,
    headers: lastValues(headers),
    multiValueHeaders: allValues(headers),
    queryStringParameters: query.length > 0 ? lastValues(query) : null,
    multiValueQueryStringParameters: query.length > 0 ? allValues(query) : null,
    pathParameters: selected.pathParameters ?? null,
    stageVariables: Object.keys(api.stageVariables).length > 0 ? api.stageVariables : null,
  }
}

function contextV1(request: HttpRequest): JsonObject {
  const { identity, routeKey, ...context } = httpContext(request)
  return {
    ...context,
    extendedRequestId: request.received.id,
    identity,
    resourceId: routeKey,
    resourcePath: resourceOf(request.selected.route.key),
  }
}

function resourceOf(routeKey: string): string {
  return routeKey.slice(routeKey.indexOf(' ') + 1)
}

function httpHeaders(received: ReceivedRequest): Pairs {
  const added = forwardingHeaders(received).map(([name, value]): Pairs[number] => [name.toLowerCase(), value])
  const replaced = new Set(added.map(([name]) => name))
  const forwarded = received.headers
    .map(([name, value]): Pairs[number] => [name.toLowerCase(), value])
    .filter(([name]) => !STRIPPED_HEADERS.has(name) && !replaced.has(name))
  return [...forwarded, ...added]
}

function joinValues(pairs: Pairs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(allValues(pairs)).map(([name, values]) => [name, values.join(',')]),
  )
}

function userAgent(received: ReceivedRequest): string {
  return headerValues(received, 'user-agent').at(-1) ?? ''
}
