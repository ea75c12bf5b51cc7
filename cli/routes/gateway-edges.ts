// The kinds of API Gateway authorizers as `lanekeeper routes` tells them apart, and the status that a caller gets there
// for each refusal: from the table of failures and the code that answers on API Gateway.

import { toThrown } from '../../functions/aws/answer.ts'
import type { EventShape } from '../../functions/aws/event.ts'
import type { IdentitySource } from '../../local/api-gateway/model.ts'
import {
  FAILURES,
  failureRow,
  type Deny,
  type FailureCode,
  type ResolvedAuthorizer,
} from '../../shared/index.ts'
import { checkKey, type ApiAuthorizer } from '../authorizer-check.ts'

export type GatewayEdge = 'REST TOKEN' | 'REST REQUEST' | 'HTTP 1.0' | 'HTTP 2.0' | 'WebSocket'

/** The Worker, and each kind of authorizer with what its event has. */
export type LimitedEdge = 'Worker' | GatewayEdge

export const REST: readonly GatewayEdge[] = ['REST TOKEN', 'REST REQUEST']
export const HTTP: readonly GatewayEdge[] = ['HTTP 1.0', 'HTTP 2.0']
export const WEBSOCKET: readonly GatewayEdge[] = ['WebSocket']

const SHAPES: Readonly<Record<GatewayEdge, EventShape>> = {
  'REST TOKEN': 'rest_token',
  'REST REQUEST': 'rest_request',
  'HTTP 1.0': 'http_1',
  'HTTP 2.0': 'http_2',
  WebSocket: 'websocket',
}

const SOURCES: readonly IdentitySource[] = [
  { from: 'header', name: 'Authorization' },
  ...['httpMethod', 'path', 'routeKey'].map((name) => ({ from: 'context', name }) as const),
]

/** An authorizer of this kind as it should be for a function. */
function authorizerFor(edge: GatewayEdge, { resultTtlSeconds, strategy }: ResolvedAuthorizer): ApiAuthorizer {
  const kept = strategy === 'off' ? 0 : (resultTtlSeconds ?? 0)
  const common = { logicalId: '', functionId: '', resultTtlSeconds: kept, identitySources: SOURCES }
  const authorizer = (edge === 'REST TOKEN'
    ? { ...common, type: 'TOKEN', header: 'Authorization' }
    : {
        ...common,
        type: 'REQUEST',
        ...(HTTP.includes(edge) ? { payloadVersion: edge.slice(5) } : {}),
      }) as unknown as ApiAuthorizer['authorizer']
  return { kind: edge.split(' ')[0] as ApiAuthorizer['kind'], authorizer }
}

/** Whether a check accepts the function behind an authorizer of this kind: `table` is for TOKEN alone, for one. */
export function canServe(edge: GatewayEdge, settings: ResolvedAuthorizer): boolean {
  let isFit = true
  checkKey(authorizerFor(edge, settings), settings, () => void (isFit = false))
  return isFit
}

/** `REST, HTTP 2.0`: a kind of API is named alone where both of its authorizers are meant. */
export function describeEdges(edges: readonly LimitedEdge[]): string {
  const both = (name: string, pair: readonly GatewayEdge[]) =>
    pair.every((edge) => edges.includes(edge))
      ? [name]
      : edges.filter((edge) => pair.includes(edge as GatewayEdge))
  return [
    ...edges.filter((edge) => edge === 'Worker'),
    ...both('REST', REST),
    ...both('HTTP', HTTP),
    ...edges.filter((edge) => edge === 'WebSocket'),
  ].join(', ')
}

/**
 * The statuses that API Gateway may answer. AWS documents none for `Unauthorized` on an HTTP API. A failure is 503 on REST
 * APIs by the gateway responses of docs/aws.md, else 500.
 */
export function gatewayStatuses(
  code: FailureCode,
  edge: GatewayEdge,
  settings: ResolvedAuthorizer,
): readonly number[] {
  const deny = { allow: false, code } as Deny
  const thrown = toThrown(deny, { shape: SHAPES[edge], isDispatchedElsewhere: false }, settings)
  if (thrown === null) return [403]
  if (thrown.message !== 'Unauthorized') return REST.includes(edge) ? [503] : [500]
  return HTTP.includes(edge) ? [401, 500] : [401]
}

/** No host is refused on API Gateway, so nobody gets this there. */
const NEVER: FailureCode = 'host_unknown'

const list = (numbers: readonly number[]): string =>
  [numbers.slice(0, -1).join(', '), String(numbers.at(-1))].filter((text) => text !== '').join(' or ')

/** The statuses of the Worker that are others on API Gateway: `401 becomes 403`. Empty: none. */
export function describeStatuses(edge: GatewayEdge, settings: ResolvedAuthorizer): string {
  const there = new Map<number, Set<number>>()
  for (const code of Object.keys(FAILURES) as FailureCode[]) {
    if (code === NEVER) continue
    const { status } = failureRow(code)
    there.set(status, new Set([...(there.get(status) ?? []), ...gatewayStatuses(code, edge, settings)]))
  }
  return [...there]
    .toSorted(([one], [other]) => one - other)
    .filter(([status, found]) => found.size > 1 || !found.has(status))
    .map(([status, found]) => `${status} becomes ${list([...found].toSorted())}`)
    .join(', ')
}
