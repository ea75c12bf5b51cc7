// The APIs of a project that has no template, derived from its configuration: a REST API with a REQUEST authorizer, an
// HTTP API, and a WebSocket API for the rule of `$connect`. Identity sources, lifetimes and answers are those that
// docs/aws.md asks for.

import type { ResolvedConfig, ResolvedRoute } from '../../shared/index.ts'
import type { Model } from '../api-gateway/index.ts'
import type {
  GatewayResponse,
  HttpApi,
  HttpAuthorizer,
  IdentitySource,
  RequestAuthorizer,
  RestApi,
  RestMethod,
  WebSocketApi,
} from '../api-gateway/model.ts'
import { chooseAuthorizers, type ApiName, type ChosenAuthorizer } from './choose-authorizers.ts'

/** The integration of every route: the origin, or the echo of a socket. */
export const ORIGIN_ID = 'origin'
export const SOCKET_ID = 'socket'

const REST_TIMEOUT_MS = 29_000
const HTTP_TIMEOUT_MS = 30_000

const CONNECT = '$connect'

const TOKEN: IdentitySource = { from: 'header', name: 'Authorization' }
const inContext = (...names: readonly string[]): IdentitySource[] =>
  names.map((name) => ({ from: 'context', name }))

/** Report-only lets requests without a token through, so nothing may be demanded of them. docs/aws.md. */
function authorizerFor(
  functionId: string,
  { strategy, resultTtlSeconds }: ChosenAuthorizer['settings'],
  isReportOnly: boolean,
  cacheKey: IdentitySource[],
): RequestAuthorizer {
  const isCached = strategy === 'exact' && resultTtlSeconds !== 0 && !isReportOnly
  return {
    logicalId: functionId,
    type: 'REQUEST',
    functionId,
    resultTtlSeconds: isCached ? (resultTtlSeconds ?? 0) : 0,
    identitySources: isReportOnly ? [] : [TOKEN, ...(isCached ? cacheKey : [])],
  }
}

/** The gateway responses of a REST API that docs/aws.md recommends: only they can have a challenge. */
function gatewayResponsesOf(realm: string): Map<string, GatewayResponse> {
  const challenge: [string, string] = ['WWW-Authenticate', `'Bearer realm="${realm}"'`]
  const noStore: [string, string] = ['Cache-Control', "'no-store'"]
  const unavailable: GatewayResponse = {
    statusCode: 503,
    headers: [['Retry-After', "'5'"], noStore],
    jsonTemplate: '{"title":"Service Unavailable","status":503}',
  }
  return new Map([
    ['UNAUTHORIZED', { statusCode: 401, headers: [challenge, noStore] }],
    [
      'ACCESS_DENIED',
      { statusCode: 403, headers: [['WWW-Authenticate', 'context.authorizer.challenge'], noStore] },
    ],
    ['MISSING_AUTHENTICATION_TOKEN', { statusCode: 403, headers: [challenge] }],
    ['AUTHORIZER_FAILURE', unavailable],
    ['AUTHORIZER_CONFIGURATION_ERROR', unavailable],
  ])
}

interface Derived {
  readonly routes: readonly ResolvedRoute[]
  readonly reportOnly: boolean
  readonly chosen: ChosenAuthorizer
}

const isReportOnly = (route: ResolvedRoute, { reportOnly }: Derived): boolean =>
  reportOnly || route.reportOnly

function toRestApi(derived: Derived, realm: string): RestApi {
  const { functionId, settings } = derived.chosen
  const key = inContext('httpMethod', 'path')
  const [enforcing, reporting] = [false, true].map((only) => authorizerFor(functionId, settings, only, key))
  const byPath = new Map<string, Map<string, RestMethod>>()
  for (const route of derived.routes) {
    const methods = byPath.get(route.path) ?? new Map<string, RestMethod>()
    byPath.set(route.path, methods)
    const authorizer = isReportOnly(route, derived) ? reporting! : enforcing!
    for (const method of route.methods)
      methods.set(method, {
        ...(route.demand !== null && { authorizer }),
        functionId: ORIGIN_ID,
        timeoutMs: REST_TIMEOUT_MS,
      })
  }
  return {
    logicalId: 'RestApi',
    id: 'localrest',
    isDefaultEndpointDisabled: false,
    stage: 'local',
    stageVariables: {},
    binaryMediaTypes: ['*/*'],
    resources: [...byPath].map(([path, methods]) => ({ id: path, path, methods })),
    gatewayResponses: gatewayResponsesOf(realm),
  }
}

function toHttpApi(derived: Derived): HttpApi {
  const { functionId, settings } = derived.chosen
  const key = inContext('httpMethod', 'path', 'routeKey')
  const [enforcing, reporting] = [false, true].map((only): HttpAuthorizer => ({
    ...authorizerFor(functionId, settings, only, key),
    payloadVersion: '2.0',
    simpleResponses: settings.httpApiResponse === 'simple',
  }))
  return {
    logicalId: 'HttpApi',
    id: 'localhttp',
    isDefaultEndpointDisabled: false,
    stage: '$default',
    stageVariables: {},
    routes: derived.routes.flatMap((route) =>
      route.methods.map((method) => ({
        key: `${method} ${route.path}`,
        ...(route.demand !== null && { authorizer: isReportOnly(route, derived) ? reporting! : enforcing! }),
        functionId: ORIGIN_ID,
        payloadVersion: '2.0' as const,
        timeoutMs: HTTP_TIMEOUT_MS,
      })),
    ),
  }
}

/** Where a handshake has its token. */
function handshakeSource({ webSocketToken }: ChosenAuthorizer['settings']): IdentitySource {
  if (webSocketToken === 'header') return TOKEN
  if (webSocketToken === 'protocol') return { from: 'header', name: 'Sec-WebSocket-Protocol' }
  return { from: 'querystring', name: webSocketToken.query }
}

function toWebSocketApi(connect: ResolvedRoute, derived: Derived): WebSocketApi {
  const { functionId, settings } = derived.chosen
  const authorizer: RequestAuthorizer = {
    logicalId: functionId,
    type: 'REQUEST',
    functionId,
    resultTtlSeconds: 0,
    identitySources: isReportOnly(connect, derived) ? [] : [handshakeSource(settings)],
  }
  const route = { functionId: SOCKET_ID, timeoutMs: REST_TIMEOUT_MS, sendsResponse: true }
  return {
    logicalId: 'WebSocketApi',
    id: 'localsocket',
    stage: 'local',
    stageVariables: {},
    routeMember: 'action',
    routes: [
      { key: CONNECT, ...(connect.demand !== null && { authorizer }), ...route },
      { key: '$default', ...route },
    ],
  }
}

export interface ApiModel {
  readonly model: Model
  /** Function -> its `LANEKEEPER_AUTHORIZER`, or `null` for the settings of `aws` itself. */
  readonly authorizers: ReadonlyMap<string, string | null>
  /** APIs that the configuration cannot have, and why. */
  readonly leftOut: readonly string[]
}

/** `wanted`: the APIs to derive; `null`: each that the rules of the configuration fit. */
export function deriveApis(config: ResolvedConfig, wanted: readonly ApiName[] | null): ApiModel {
  const connect = config.routes.find(({ path }) => path === CONNECT)
  const routes = config.routes.filter(({ path }) => path !== CONNECT)
  const fits: Readonly<Record<ApiName, string | null>> = {
    rest: routes.length === 0 ? 'REST API: no rule has a path' : null,
    http: routes.length === 0 ? 'HTTP API: no rule has a path' : null,
    websocket: connect === undefined ? 'WebSocket API: no rule has the path $connect' : null,
  }
  const names = (['rest', 'http', 'websocket'] as const).filter((name) => wanted?.includes(name) ?? true)
  const leftOut = wanted === null ? [] : names.flatMap((name) => fits[name] ?? [])
  const { chosen, problems } = chooseAuthorizers(
    config.aws,
    names.filter((name) => fits[name] === null),
  )
  const derived = (name: ApiName): Derived | null => {
    const one = chosen.get(name)
    return one === undefined ? null : { routes, reportOnly: config.reportOnly, chosen: one }
  }
  const [rest, http, socket] = [derived('rest'), derived('http'), derived('websocket')]
  return {
    model: {
      functions: [],
      ...(rest && { restApi: toRestApi(rest, config.realm) }),
      ...(http && { httpApi: toHttpApi(http) }),
      ...(socket && connect !== undefined && { webSocketApi: toWebSocketApi(connect, socket) }),
    },
    authorizers: new Map([...chosen.values()].map(({ functionId, entry }) => [functionId, entry])),
    leftOut: [...leftOut, ...problems],
  }
}
