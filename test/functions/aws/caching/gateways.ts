// The local API Gateway around an authorizer, in this process: one API that routes everything to it, with or without a
// result lifetime. No sockets, so that tens of thousands of requests take seconds.

import { createHttpApi } from '../../../../local/api-gateway/http-api.ts'
import type { InvokeFunction } from '../../../../local/api-gateway/index.ts'
import type { IdentitySource, RestAuthorizer } from '../../../../local/api-gateway/model.ts'
import type { ReceivedRequest } from '../../../../local/api-gateway/request.ts'
import { createRestApi } from '../../../../local/api-gateway/rest-api.ts'
import type { ApiHandler } from '../../../../local/api-gateway/server.ts'
import {
  UNDOCUMENTED_DEFAULTS,
  type UndocumentedChoices,
} from '../../../../local/api-gateway/undocumented.ts'

export const LIFETIME_SECONDS = 60

export type GatewayKind = 'rest token' | 'rest request' | 'http policy' | 'http simple'

/** Takes an authorizer event; the error that it throws is the error that Lambda reports. */
export type Handler = (event: never) => Promise<unknown>

export const EXACT: IdentitySource[] = [
  { from: 'header', name: 'Authorization' },
  { from: 'context', name: 'httpMethod' },
  { from: 'context', name: 'path' },
]

/** The event of an HTTP API may show the same path for two requests with different routes. */
const EXACT_HTTP: IdentitySource[] = [...EXACT, { from: 'context', name: 'routeKey' }]

const owned = { logicalId: 'Authorizer', functionId: 'Auth' }

function createEdge(
  kind: GatewayKind,
  resultTtlSeconds: number,
  invoke: InvokeFunction,
  choices: UndocumentedChoices,
  now: () => number,
  identitySources: IdentitySource[],
): ApiHandler {
  const shared = { ...owned, resultTtlSeconds }
  if (kind === 'rest token' || kind === 'rest request') {
    const authorizer: RestAuthorizer =
      kind === 'rest token'
        ? { type: 'TOKEN', ...shared, header: 'Authorization' }
        : { type: 'REQUEST', ...shared, identitySources }
    const methods = new Map([['ANY', { authorizer, functionId: 'Backend', timeoutMs: 1_000 }]])
    const resources = ['/', '/{proxy+}'].map((path) => ({ id: path, path, methods }))
    const api = {
      logicalId: 'Rest',
      id: 'abcdef1234',
      stage: 'local',
      isDefaultEndpointDisabled: false,
      stageVariables: {},
      binaryMediaTypes: [],
    }
    return createRestApi({ ...api, resources, gatewayResponses: new Map() }, invoke, choices, now)
  }
  const authorizer = {
    type: 'REQUEST' as const,
    ...shared,
    identitySources,
    payloadVersion: '2.0' as const,
    simpleResponses: kind === 'http simple',
  }
  const route = {
    key: '$default',
    authorizer,
    functionId: 'Backend',
    payloadVersion: '2.0' as const,
    timeoutMs: 1_000,
  }
  const api = {
    logicalId: 'Http',
    id: 'abcdef1234',
    stage: '$default',
    isDefaultEndpointDisabled: false,
    stageVariables: {},
    routes: [route],
  }
  return createHttpApi(api, invoke, choices, now)
}

export interface Seen {
  readonly allowed: boolean
  /** Whether the authorizer was not called. */
  readonly hit: boolean
  /** Whether a Deny of a policy refused the request. */
  readonly byDeny: boolean
  readonly status: number
}

/** The parts of a request beside its token. */
export interface More {
  readonly query?: string
  readonly fields?: readonly (readonly [name: string, value: string])[]
  /** Authorization fields in place of the one with the token. */
  readonly authorization?: readonly string[]
}

export interface Gateway {
  send(method: string, path: string, token: string, more?: More): Promise<Seen>
}

export function createGateway(
  kind: GatewayKind,
  resultTtlSeconds: number,
  handler: Handler,
  now: () => number,
  undocumented: Partial<UndocumentedChoices> = {},
  identitySources: IdentitySource[] = kind.startsWith('http') ? EXACT_HTTP : EXACT,
): Gateway {
  let calls = 0
  const invoke: InvokeFunction = async (functionId, event) => {
    if (functionId === 'Backend') return { ok: true, payload: { statusCode: 200, body: '' } }
    calls++
    try {
      return { ok: true, payload: JSON.parse(JSON.stringify(await handler(event as never))) }
    } catch (error) {
      return { ok: false, reason: 'error', errorType: 'Error', errorMessage: (error as Error).message }
    }
  }
  const choices: UndocumentedChoices = {
    ...UNDOCUMENTED_DEFAULTS,
    httpApiPath: 'as-received',
    ...undocumented,
  }
  const edge = createEdge(kind, resultTtlSeconds, invoke, choices, now, identitySources)
  return {
    async send(method, path, token, { query = '', fields = [], authorization = [`Bearer ${token}`] } = {}) {
      const before = calls
      const request: ReceivedRequest = {
        id: 'request-1',
        timeMs: now(),
        method,
        path: kind.startsWith('rest') ? `/local${path}` : path,
        query,
        protocol: 'HTTP/1.1',
        headers: [
          ['Host', 'api.test.example'],
          ...authorization.map((value): [string, string] => ['Authorization', value]),
          ...fields.map(([name, value]): [string, string] => [name, value]),
        ],
        body: Buffer.alloc(0),
        sourceIp: '192.0.2.1',
        endpoint: 'default',
      }
      const { status, body } = await edge.handle(request)
      return {
        allowed: status === 200,
        hit: calls === before,
        byDeny: String(body).includes('explicit deny'),
        status,
      }
    },
  }
}
