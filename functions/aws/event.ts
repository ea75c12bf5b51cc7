// Every shape in which API Gateway asks an authorizer, read into one. The path and the method come from the
// event's ARN, because the ARN is what the answer grants; fields that spell them again must agree.
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
} from '../../shared/index.ts'
import { readArn } from './arn.ts'
import { escapeAgain, findOtherDispatch } from './dispatched-path.ts'
import { findMissingSources } from './identity-source.ts'

/** REST `TOKEN`, REST `REQUEST`, HTTP API payload 2.0, HTTP API payload 1.0, WebSocket `$connect`. */
export type EventShape = 'rest_token' | 'rest_request' | 'http_2' | 'http_1' | 'websocket'

/** An HTTP API with payload 1.0 sends the REST shape and a version. */
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
  /** `methodArn` or `routeArn`: what is asked about, and what an answer grants. */
  readonly arn: string
  /** The part of `arn` before the verb. */
  readonly stageArn: string
  readonly request: AuthorizationRequest
  /** Whether the path of the ARN is not the one that is dispatched. HTTP APIs show two paths alike. */
  readonly isDispatchedElsewhere: boolean
  /** What an HTTP API would have to keep the answer under, too. */
  readonly missingSources: readonly string[]
}

type Bag = Readonly<Record<string, unknown>>

const isBag = (value: unknown): value is Bag =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const bagOf = (value: unknown): Bag => (isBag(value) ? value : {})
const textsOf = (...values: readonly unknown[]): string[] =>
  values.filter((value) => typeof value === 'string')

/** Every value of a field, whatever its casing: from the multi-value map, and from the plain one what that lacks. */
function fieldValues(event: Bag, name: string): string[] {
  const valuesIn = (map: unknown) =>
    Object.entries(bagOf(map)).flatMap(([key, value]) => (key.toLowerCase() === name ? value : []))
  const all = textsOf(...valuesIn(event['multiValueHeaders']))
  return [...all, ...textsOf(...valuesIn(event['headers'])).filter((value) => !all.includes(value))]
}

/** Every value of a query parameter; its name compares with regard to case. */
function queryValues(event: Bag, name: string): string[] {
  const single = bagOf(event['queryStringParameters'])[name]
  const multi = bagOf(event['multiValueQueryStringParameters'])[name]
  const raw = new URLSearchParams(textsOf(event['rawQueryString'])[0] ?? '').getAll(name)
  const all = textsOf(...(Array.isArray(multi) ? multi : [multi]))
  return [...all, ...textsOf(single).filter((value) => !all.includes(value)), ...raw]
}

const hasQuery = (event: Bag, name: string): boolean =>
  Object.hasOwn(bagOf(event['queryStringParameters']), name) ||
  Object.hasOwn(bagOf(event['multiValueQueryStringParameters']), name) ||
  queryValues(event, name).length > 0

/** The elements that follow `bearer` in a list of subprotocols (RFC 6455 section 4.1), for browsers, which can set no other field. */
function protocolTokens(event: Bag): string[] {
  const elements = fieldValues(event, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((element) => element.trim())
  return elements.flatMap((element, at) => (element === 'bearer' ? (elements[at + 1] ?? '') : []))
}

/** What the checks of the core read of a request besides. A TOKEN authorizer is shown nothing of it. */
function readNeeds(
  event: Bag,
  context: Bag,
  { fields, clientCertificate }: RequestNeeds,
): Pick<AuthorizationRequest, 'fields' | 'clientCertificate'> {
  const { clientCert } = { ...bagOf(context['identity']), ...bagOf(context['authentication']) }
  const stated = Object.entries(bagOf(clientCert)).filter(([, value]) => typeof value === 'string')
  return {
    ...(fields.length === 0
      ? {}
      : { fields: Object.fromEntries(fields.map((name) => [name, fieldValues(event, name)])) }),
    ...(!clientCertificate || stated.length === 0
      ? {}
      : { clientCertificate: Object.fromEntries(stated) as Record<string, string> }),
  }
}

type WebSocketToken = ResolvedAuthorizer['webSocketToken']

/** The credentials of a handshake. One in an Authorization field counts wherever the token is looked for as well. */
function handshakeCredentials(event: Bag, from: WebSocketToken): readonly string[] {
  const found =
    from === 'header' ? [] : from === 'protocol' ? protocolTokens(event) : queryValues(event, from.query)
  // A parameter that begins with a space is no token; behind the scheme that space would belong to it.
  const tokens = found.map((token) => token.replace(/^ /, '%20'))
  return [...fieldValues(event, 'authorization'), ...tokens.map((token) => `Bearer ${token}`)]
}

/**
 * The root of an API as the client wrote it: `/prod` and the base path `/v1` are short for `/prod/` and `/v1/`. Only
 * where nothing else can be meant: the stage by its name, and anything where the resource that was found is the root.
 */
function closeRoot(text: string, stageArn: string, resource: unknown): string {
  const stage = stageArn.slice(stageArn.lastIndexOf('/'))
  return (resource === '/' || text === stage) && !text.endsWith('/') ? `${text}/` : text
}

function shapeOf(event: Bag): EventShape | null {
  if (event['type'] === 'TOKEN') return 'rest_token'
  if (event['type'] !== 'REQUEST') return null
  if (event['version'] === '2.0') return 'http_2'
  if (event['version'] === '1.0') return 'http_1'
  if (event['version'] !== undefined) return null
  return bagOf(event['requestContext'])['routeKey'] === '$connect' ? 'websocket' : 'rest_request'
}

/** REST and WebSocket APIs let a client choose `requestId`; their `extendedRequestId` is the gateway's own. */
function requestIdOf(shape: EventShape, context: Bag): string | undefined {
  const own = shape === 'http_1' || shape === 'http_2' ? context['requestId'] : context['extendedRequestId']
  return textsOf(own).find((text) => /^[A-Za-z0-9+/=_-]{1,64}$/.test(text))
}

/**
 * Reads an event, or returns `null` for one that is no API Gateway authorizer event. Never throws.
 * `webSocketToken`: where the handshake of a WebSocket API carries its token. `needs`: what the core wants besides.
 */
export function readEvent(
  event: unknown,
  webSocketToken: WebSocketToken = 'header',
  needs: RequestNeeds = NO_NEEDS,
): ReadEvent | null {
  if (!isBag(event)) return null
  const shape = shapeOf(event)
  const arn = event[shape === 'http_2' ? 'routeArn' : 'methodArn']
  if (shape === null || typeof arn !== 'string') return null
  const read = readArn(arn)
  if (read === null) return null
  const { stageArn, verb, path } = read

  if (shape === 'rest_token') {
    const authorization = textsOf(event['authorizationToken'])
    return {
      shape,
      arn,
      stageArn,
      request: { method: verb, path: `/${path ?? ''}`, authorization, accessTokenInQuery: false },
      isDispatchedElsewhere: false,
      missingSources: [],
    }
  }
  const context = bagOf(event['requestContext'])
  const requestId = requestIdOf(shape, context)
  const carried = {
    authorization: fieldValues(event, 'authorization'),
    accessTokenInQuery: hasQuery(event, 'access_token'),
    ...readNeeds(event, context, needs),
    ...(requestId === undefined ? {} : { requestId }),
  }
  if (shape === 'websocket') {
    if (verb !== '$connect' || path !== null) return null
    const authorization = handshakeCredentials(event, webSocketToken)
    const isAsked = typeof webSocketToken === 'object' && webSocketToken.query === 'access_token'
    const accessTokenInQuery = carried.accessTokenInQuery && !isAsked
    const request = { method: 'GET', path: verb, ...carried, authorization, accessTokenInQuery }
    return { shape, arn, stageArn, request, isDispatchedElsewhere: false, missingSources: [] }
  }
  const http = bagOf(context['http'])
  // A REST API has been seen to show the method of the resource (ANY) beside the context, which has the request's.
  const shown = shape === 'rest_request' && event['httpMethod'] === 'ANY' ? undefined : event['httpMethod']
  const methods = textsOf(shown, context['httpMethod'], http['method'])
  if (methods.length === 0 || methods.some((method) => method !== verb)) return null
  const spell = shape === 'rest_request' ? (text: string) => text : escapeAgain
  const isRoot = path === null || path === ''
  const decided = spell(`/${path ?? ''}`)
  const template = shape === 'http_2' ? textsOf(event['routeKey'])[0]?.split(' ')[1] : event['resource']
  const parameters = bagOf(event['pathParameters'])
  const dispatched = findOtherDispatch(decided, template, parameters, spell, shape === 'rest_request')
  const paths = textsOf(event['path'], context['path'], event['rawPath'], http['path'])
  const fields = carried.authorization
  const missingSources = findMissingSources(shape, event['identitySource'], {
    authorization: [...fields, fields.join(',')],
    method: verb,
    paths,
    routes: textsOf(event['routeKey'], event['resource']).flatMap((route) => [
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
    request: { method: verb, path: decided, otherSpellings, ...carried },
    isDispatchedElsewhere: dispatched !== null,
    missingSources,
  }
}
