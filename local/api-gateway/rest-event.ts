// Events of a REST API: the input of TOKEN and REQUEST authorizers and of Lambda proxy integrations, which share
// headers, query maps and requestContext (developer guide, "Input to an API Gateway Lambda authorizer", "Input format
// of a Lambda function for proxy integration"). Empty maps are null. Header names keep the client's spelling, except
// Authorization. Two spellings of another header are two members (undocumented).

import { ACCOUNT_ID } from './cloud-formation.ts'
import type { JsonObject } from './json.ts'
import type { RestApi } from './model.ts'
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
import type { RestRoute } from './rest-route.ts'
import type { UndocumentedChoices } from './undocumented.ts'

export interface RestRequest {
  api: RestApi
  received: ReceivedRequest
  /** Without the stage. Several leading slashes become one, all else is as sent. */
  path: string
  method: string
  route: RestRoute | undefined
}

const STRIPPED_HEADERS = new Set([
  'connection',
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'www-authenticate',
])

/** The `$context`, which is also `requestContext` of every event. AWS's sample of an authorizer event shows a part. */
export function restContext({ api, received, method, route }: RestRequest): JsonObject {
  return {
    accountId: ACCOUNT_ID,
    apiId: api.id,
    domainName: domainName(received),
    domainPrefix: domainName(received).split('.')[0],
    extendedRequestId: received.id,
    httpMethod: method,
    identity: {
      accessKey: null,
      accountId: null,
      apiKey: null,
      caller: null,
      ...(received.clientCert && { clientCert: received.clientCert }),
      cognitoAuthenticationProvider: null,
      cognitoAuthenticationType: null,
      cognitoIdentityId: null,
      cognitoIdentityPoolId: null,
      principalOrgId: null,
      sourceIp: received.sourceIp,
      user: null,
      userAgent: headerValues(received, 'user-agent').at(-1) ?? null,
      userArn: null,
    },
    path: received.path,
    protocol: received.protocol,
    requestId: received.id,
    requestTime: requestTime(received),
    requestTimeEpoch: received.timeMs,
    ...(route && { resourceId: route.resource.id, resourcePath: route.resource.path }),
    stage: api.stage,
  }
}

export function tokenAuthorizerEvent(authorizationToken: string, methodArn: string): JsonObject {
  return { type: 'TOKEN', authorizationToken, methodArn }
}

export function requestAuthorizerEvent(
  request: RestRequest,
  context: JsonObject,
  methodArn: string,
  { restAuthorizerMethod }: Pick<UndocumentedChoices, 'restAuthorizerMethod'>,
): JsonObject {
  const members = requestMembers(request)
  const isAny = request.route?.resource.methods.has(request.method) === false
  const httpMethod = isAny && restAuthorizerMethod === 'of-the-resource' ? 'ANY' : request.method
  return { type: 'REQUEST', methodArn, ...members, httpMethod, requestContext: context }
}

export function restIntegrationEvent(request: RestRequest, context: JsonObject): JsonObject {
  const { body } = request.received
  const isBase64Encoded = body.length > 0 && isBinary(request)
  return {
    ...requestMembers(request),
    requestContext: context,
    body: body.length === 0 ? null : body.toString(isBase64Encoded ? 'base64' : 'utf8'),
    isBase64Encoded,
  }
}

function requestMembers({ api, received, path, method, route }: RestRequest): JsonObject {
  const headers = restHeaders(received)
  const query = queryPairs(received)
  return {
    resource: route?.resource.path,
    path,
    httpMethod: method,
    headers: orNull(lastValues(headers)),
    multiValueHeaders: orNull(allValues(headers)),
    queryStringParameters: orNull(lastValues(query)),
    multiValueQueryStringParameters: orNull(allValues(query)),
    pathParameters: route?.pathParameters ?? null,
    stageVariables: orNull(api.stageVariables),
  }
}

function restHeaders(received: ReceivedRequest): Pairs {
  const added = forwardingHeaders(received)
  const replaced = new Set(added.map(([name]) => name.toLowerCase()))
  const forwarded = received.headers.filter(([name]) => {
    const lowerCase = name.toLowerCase()
    return !STRIPPED_HEADERS.has(lowerCase) && !replaced.has(lowerCase)
  })
  const renamed = forwarded.map(([name, value]): Pairs[number] =>
    name.toLowerCase() === 'authorization' ? ['Authorization', value] : [name, value],
  )
  return [...renamed, ...added]
}

function isBinary({ api, received }: RestRequest): boolean {
  const mediaType = headerValues(received, 'content-type').at(-1)
  return matchesMediaType(api.binaryMediaTypes, mediaType)
}

/** An entry of BinaryMediaTypes is a media type, `type/*` or `*`+`/*`. */
export function matchesMediaType(binaryMediaTypes: string[], mediaType: string | undefined): boolean {
  const essence = mediaType?.split(/[;,]/)[0]?.trim().toLowerCase() ?? ''
  return binaryMediaTypes.some((entry) => {
    const binary = entry.toLowerCase().replace('~1', '/')
    if (binary === '*/*') return true
    return binary.endsWith('/*') ? essence.startsWith(binary.slice(0, -1)) : essence === binary
  })
}

function orNull<T extends object>(map: T): T | null {
  return Object.keys(map).length === 0 ? null : map
}
