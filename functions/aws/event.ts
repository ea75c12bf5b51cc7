// Reads the authorizer events of all kinds of API Gateway APIs into one shape. Path and method come from the event's
// ARN, because the answer allows that ARN; other fields with the path or the method must agree.
// Shapes: AWS API Gateway developer guide, "Input to an API Gateway Lambda authorizer", "Control access to
// HTTP APIs with AWS Lambda authorizers", "Control access to WebSocket APIs with Lambda authorizers".

import type {
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewayTokenAuthorizerEvent,
} from 'aws-lambda'
import {
  NO_NEEDS,
  type AuthorizationRequest,
  type RequestNeeds,
  type ResolvedAuthorizer,
} from '../../shared/edge.ts'
import { readArn } from './arn.ts'
import { escapeAgain, findOtherDispatch } from './dispatched-path.ts'
import {
  fieldValues,
  isObject,
  objectOf,
  queryValues,
  stringsOf,
  type UnknownObject,
} from './event-fields.ts'
import type { HandshakeTokens } from './handshake-tokens.ts'
import { findMissingSources } from './identity-source.ts'

/** REST `TOKEN`, REST `REQUEST`, HTTP API payload 2.0, HTTP API payload 1.0, WebSocket `$connect`. */
export type EventShape = 'rest_token' | 'rest_request' | 'http_2' | 'http_1' | 'websocket'

/** Header fields and the client certificate of a request, as far as they are needed, and how its path is shown. */
export type ReadNeeds = (
  shape: EventShape,
  event: UnknownObject,
  needs: RequestNeeds,
) => Pick<AuthorizationRequest, 'fields' | 'clientCertificate' | 'isPathDecoded'>

/** An HTTP API with payload 1.0 sends the REST shape with a version. */
export type HttpApiEventV1 = APIGatewayRequestAuthorizerEvent & { readonly version: '1.0' }

/** WebSocket `$connect`: the REST shape without method and path. */
export type WebSocketConnectEvent = Pick<
  APIGatewayRequestAuthorizerEvent,
  | 'type'
  | 'methodArn'
  | 'headers'
  | 'multiValueHeaders'
  | 'queryStringParameters'
  | 'multiValueQueryStringParameters'
> & { readonly requestContext: { readonly routeKey: '$connect'; readonly connectionId: string } }

export type AuthorizerEvent =
  | APIGatewayTokenAuthorizerEvent
  | APIGatewayRequestAuthorizerEvent
  | APIGatewayRequestAuthorizerEventV2
  | HttpApiEventV1
  | WebSocketConnectEvent

export interface ReadEvent {
  readonly shape: EventShape
  /** `methodArn` or `routeArn`: the resource that the answer allows or denies. */
  readonly arn: string
  /** The part of `arn` before the verb. */
  readonly stageArn: string
  readonly request: AuthorizationRequest
  /** Whether the dispatched path differs from that of the ARN. HTTP APIs show different paths alike. */
  readonly isDispatchedElsewhere: boolean
  /** Identity sources that an HTTP API needs before it may cache the answer. */
  readonly missingSources: readonly string[]
}

const hasQuery = (event: UnknownObject, name: string): boolean =>
  Object.hasOwn(objectOf(event['queryStringParameters']), name) ||
  Object.hasOwn(objectOf(event['multiValueQueryStringParameters']), name) ||
  queryValues(event, name).length > 0

type WebSocketToken = ResolvedAuthorizer['webSocketToken']

/** What reads further parts of an event, for functions that need them. */
export interface EventParts {
  /** For `webSocketToken`, unless it is `header`. */
  readonly handshakeTokens?: HandshakeTokens
  /** For authorizers with `needs`. Without it a request has none of these parts, so no check finds a proof in them. */
  readonly readNeeds?: ReadNeeds
}

/** The credentials of a handshake. An Authorization field always counts, wherever else the token may be. */
const handshakeCredentials = (
  event: UnknownObject,
  from: WebSocketToken,
  parts: EventParts,
): readonly string[] =>
  from === 'header'
    ? fieldValues(event, 'authorization')
    : [
        ...fieldValues(event, 'authorization'),
        ...parts.handshakeTokens!(event, from).map((token) => `Bearer ${token}`),
      ]

/**
 * Adds the slash to the root of an API: `/prod` and the base path `/v1` are short for `/prod/` and `/v1/`. Only where
 * no other path can be meant: for the name of the stage, and for any text where API Gateway found the resource `/`.
 */
function closeRoot(text: string, stageArn: string, resource: unknown): string {
  const stage = stageArn.slice(stageArn.lastIndexOf('/'))
  return (resource === '/' || text === stage) && !text.endsWith('/') ? `${text}/` : text
}

function shapeOf(event: UnknownObject): EventShape | null {
  if (event['type'] === 'TOKEN') return 'rest_token'
  if (event['type'] !== 'REQUEST') return null
  if (event['version'] === '2.0') return 'http_2'
  if (event['version'] === '1.0') return 'http_1'
  if (event['version'] !== undefined) return null
  return objectOf(event['requestContext'])['routeKey'] === '$connect' ? 'websocket' : 'rest_request'
}

/** On REST and WebSocket APIs a client can choose `requestId`, but not `extendedRequestId`. */
function requestIdOf(shape: EventShape, context: UnknownObject): string | undefined {
  const requestId =
    shape === 'http_1' || shape === 'http_2' ? context['requestId'] : context['extendedRequestId']
  return stringsOf(requestId).find((text) => /^[A-Za-z0-9+/=_-]{1,64}$/.test(text))
}

/**
 * Reads an event; `null` where it is no authorizer event of API Gateway. Never throws. `webSocketToken`: where the
 * handshake of a WebSocket API has its token. `needs`: those of the authorizer.
 */
export function readEvent(
  event: unknown,
  webSocketToken: WebSocketToken = 'header',
  needs: RequestNeeds = NO_NEEDS,
  parts: EventParts = {},
): ReadEvent | null {
  if (!isObject(event)) return null
  const shape = shapeOf(event)
  const arn = event[shape === 'http_2' ? 'routeArn' : 'methodArn']
  if (shape === null || typeof arn !== 'string') return null
  const read = readArn(arn)
  if (read === null) return null
  const { stageArn, verb, path } = read

  if (shape === 'rest_token') {
    const authorization = stringsOf(event['authorizationToken'])
    return {
      shape,
      arn,
      stageArn,
      request: { method: verb, path: `/${path ?? ''}`, authorization, accessTokenInQuery: false },
      isDispatchedElsewhere: false,
      missingSources: [],
    }
  }
  const context = objectOf(event['requestContext'])
  const requestId = requestIdOf(shape, context)
  const common = {
    authorization: fieldValues(event, 'authorization'),
    accessTokenInQuery: hasQuery(event, 'access_token'),
    ...parts.readNeeds?.(shape, event, needs),
    ...(requestId === undefined ? {} : { requestId }),
  }
  if (shape === 'websocket') {
    if (verb !== '$connect' || path !== null) return null
    const authorization = handshakeCredentials(event, webSocketToken, parts)
    const isTokenParameter = typeof webSocketToken === 'object' && webSocketToken.query === 'access_token'
    const accessTokenInQuery = common.accessTokenInQuery && !isTokenParameter
    const request = { method: 'GET', path: verb, ...common, authorization, accessTokenInQuery }
    return { shape, arn, stageArn, request, isDispatchedElsewhere: false, missingSources: [] }
  }
  const http = objectOf(context['http'])
  // A REST API has been seen to show the method of the resource (ANY) beside the context, which has the request's.
  const eventMethod =
    shape === 'rest_request' && event['httpMethod'] === 'ANY' ? undefined : event['httpMethod']
  const methods = stringsOf(eventMethod, context['httpMethod'], http['method'])
  if (methods.length === 0 || methods.some((method) => method !== verb)) return null
  const spell = shape === 'rest_request' ? (text: string) => text : escapeAgain
  const isRoot = path === null || path === ''
  const decided = spell(`/${path ?? ''}`)
  const template = shape === 'http_2' ? stringsOf(event['routeKey'])[0]?.split(' ')[1] : event['resource']
  const parameters = objectOf(event['pathParameters'])
  const dispatched = findOtherDispatch(decided, template, parameters, spell, shape === 'rest_request')
  const paths = stringsOf(event['path'], context['path'], event['rawPath'], http['path'])
  const fields = common.authorization
  const missingSources = findMissingSources(shape, event['identitySource'], {
    authorization: [...fields, fields.join(',')],
    method: verb,
    paths,
    routes: stringsOf(event['routeKey'], event['resource']).flatMap((route) => [
      route,
      `${verb} ${route}`,
      `ANY ${route}`,
    ]),
  })
  const spellings = paths
    .map(spell)
    .map((text) => (isRoot ? closeRoot(text, stageArn, event['resource']) : text))
  const otherSpellings = dispatched === null ? spellings : [...spellings, dispatched]
  return {
    shape,
    arn,
    stageArn,
    request: { method: verb, path: decided, otherSpellings, ...common },
    isDispatchedElsewhere: dispatched !== null,
    missingSources,
  }
}
