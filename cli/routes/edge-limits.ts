// What an edge cannot express of a rule or of every rule, for `lanekeeper routes`. A limit changes what a caller sees
// or whether a request arrives; it never lets a request past its rule.

import { acceptedOn, DPOP_BOUND, failureRow, MTLS_BOUND } from '../../shared/edge.ts'
import type { GatewayForm, ResolvedConfig, ResolvedRoute } from '../../shared/index.ts'
import { ANY_METHODS } from '../../local/api-gateway/rest-route.ts'
import type { ApiKind } from '../api-routes.ts'
import { shortestLifetime } from '../revocation-report.ts'

export type LimitedEdge = 'Worker' | ApiKind

export interface EdgeLimit {
  readonly edges: readonly LimitedEdge[]
  /** `null`: of every rule. */
  readonly rule: string | null
  readonly text: string
}

const ALL_APIS: readonly ApiKind[] = ['REST', 'HTTP', 'WebSocket']
const HTTP_APIS: readonly ApiKind[] = ['REST', 'HTTP']

/** The status of an answer of a Lambda authorizer. On REST APIs 503 needs the gateway responses of docs/aws.md. */
export const GATEWAY_STATUS: Readonly<Record<GatewayForm, Readonly<Record<ApiKind, number>>>> = {
  unauthorized: { REST: 401, HTTP: 403, WebSocket: 401 },
  forbidden: { REST: 403, HTTP: 403, WebSocket: 403 },
  failure: { REST: 503, HTTP: 500, WebSocket: 500 },
}

/** The statuses of the Worker that API Gateway replaces, by kind of API. */
function describeStatuses(kind: ApiKind): string {
  const codes = ['token_expired', 'insufficient_scope', 'keys_unavailable', 'target_ambiguous'] as const
  const changed = codes.flatMap((code) => {
    const { status, gateway } = failureRow(code)
    const there = GATEWAY_STATUS[gateway][kind]
    return there === status ? [] : [`${there} for ${status}`]
  })
  const challenge = kind === 'REST' ? 'only the challenge of a gateway response' : 'no challenge'
  return `answers ${[...changed, challenge].join(', ')}`
}

const isSocket = ({ path }: ResolvedRoute): boolean => path === '$connect'

/** Limits of one rule on API Gateway. */
function limitsOnGateway(route: ResolvedRoute, config: ResolvedConfig): readonly Omit<EdgeLimit, 'rule'>[] {
  const { methods, conditions, demand, path } = route
  const limits: Omit<EdgeLimit, 'rule'>[] = []
  const add = (edges: readonly LimitedEdge[], text: string) => limits.push({ edges, text })
  const apis: readonly ApiKind[] = isSocket(route) ? ['WebSocket'] : HTTP_APIS
  const unknown = methods.filter((method) => !ANY_METHODS.includes(method))
  if (!isSocket(route) && unknown.length > 0) add(apis, `has no route for ${unknown.join(', ')}`)
  if (!isSocket(route) && path.includes('%'))
    add(['HTTP'], 'cannot tell an escape in the path from the same path with one escape less')
  if (demand === null) return limits
  if (conditions.acr.length > 0 || conditions.maxAgeSeconds !== null)
    add(apis, 'cannot send the challenge that asks for another login (RFC 9470)')
  if (route.reportOnly || config.reportOnly)
    add(apis, 'refuses requests without an identity source before report-only sees them')
  const accepted = acceptedOn(route, config)
  if ((accepted & DPOP_BOUND) !== 0) add(apis, 'sends no DPoP challenge and no nonce')
  if ((accepted & MTLS_BOUND) !== 0)
    add(['REST', 'WebSocket'], 'states no certificate to a TOKEN authorizer or in a handshake')
  if (
    route.revocation === 'strong' &&
    config.revocation != null &&
    shortestLifetime(config) > 0 &&
    !isSocket(route)
  )
    add(apis, `keeps answers for ${shortestLifetime(config)} s or more, and asks for no revocation meanwhile`)
  if (path.includes('{'))
    for (const [name, { strategy }] of config.aws.authorizers)
      if (strategy === 'table')
        add(['REST'], `is denied by aws.authorizers.${name}: a table has no parameters`)
  if (path.includes('{') && config.aws.authorizers.size === 0 && config.aws.strategy === 'table')
    add(['REST'], 'is denied by aws: a table has no parameters')
  return limits
}

/** A rule for GET holds for HEAD, too; a route of API Gateway for GET takes no HEAD. */
const lacksHead = ({ routes }: ResolvedConfig): boolean =>
  routes.some((route) => !isSocket(route) && route.methods.includes('GET') && !route.methods.includes('HEAD'))

const SETTINGS: readonly (readonly [isUsed: (config: ResolvedConfig) => boolean, text: string])[] = [
  [
    ({ publicUrls, dpop }) => publicUrls.size > 0 && dpop == null,
    'does not compare the host with publicUrls',
  ],
  [({ routes }) => routes.some(({ sharedCaches }) => sharedCaches), 'has no sharedCaches'],
  [({ cors }) => cors !== null, 'answers preflights itself, with settings of its own, not those of cors'],
  [({ origin }) => origin?.assertion != null, 'signs no assertion for the origin'],
]

/** `edges`: which of the two edges the stage has. */
export function findEdgeLimits(
  config: ResolvedConfig,
  { hasWorker, hasLambda }: { readonly hasWorker: boolean; readonly hasLambda: boolean },
): readonly EdgeLimit[] {
  const ofWorker = hasWorker
    ? config.routes.filter(isSocket).map(({ name }): EdgeLimit => ({
        edges: ['Worker'],
        rule: name,
        text: 'has no $connect; the handshake is a GET of its path',
      }))
    : []
  if (!hasLambda) return ofWorker
  const hasSocket = config.routes.some(isSocket)
  const hasOthers = config.routes.some((route) => !isSocket(route))
  const kinds = ALL_APIS.filter((kind) => (kind === 'WebSocket' ? hasSocket : hasOthers))
  return [
    ...kinds.map((kind): EdgeLimit => ({ edges: [kind], rule: null, text: describeStatuses(kind) })),
    ...(lacksHead(config)
      ? [
          {
            edges: HTTP_APIS,
            rule: null,
            text: 'sends HEAD nowhere, unless the API has a route for it beside the one for GET',
          },
        ]
      : []),
    ...SETTINGS.filter(([isUsed]) => isUsed(config)).map(([, text]): EdgeLimit => ({
      edges: kinds,
      rule: null,
      text,
    })),
    ...ofWorker,
    ...config.routes.flatMap((route) =>
      limitsOnGateway(route, config).map((limit) => ({ ...limit, rule: route.name })),
    ),
  ]
}
