// What `lanekeeper check` says about a stage with `revocation`: the longest time until a revocation takes effect on
// each edge, the routes that demand less, and what no revocation reaches.

import type { ConfigProblem, ResolvedConfig, Staleness } from '../shared/index.ts'

const EDGE_NAMES = { cloudflare: 'Worker', aws: 'Lambda' } as const

/** `5 age of the news + 1 waiting for the store`. */
export const describeSum = (parts: Staleness['parts']): string =>
  parts.map(({ name, seconds }) => `${seconds} ${name}`).join(' + ') || 'at once'

const placeOf = ({ edge, authorizer }: Staleness): string =>
  [EDGE_NAMES[edge!], ...(authorizer === undefined ? [] : [authorizer])].join(' ')

const describeSeconds = ({ seconds, reachableSeconds, parts }: Staleness): string => {
  const reachable = reachableSeconds === seconds ? '' : ` (${reachableSeconds} s while the store answers)`
  return `${seconds} s = ${describeSum(parts)}${reachable}`
}

/** One line for each edge, function and demand: every issuer has the same. `null`: the row is of no edge. */
export function describeBound(row: Staleness): string | null {
  const { edge, demand } = row
  if (edge === undefined) return null
  const routes = demand === 'strong' ? ', routes with revocation strong' : ''
  return `${placeOf(row)}${routes}: ${describeSeconds(row)}`
}

/** The same for one API. */
export const describeTime = (row: Staleness): string =>
  `a revocation is in effect${row.demand === 'strong' ? ' on routes with strong' : ''} after at most ${describeSeconds(row)}`

/**
 * The shortest lifetime of cached answers that a function has, in seconds. Above 0: whichever function serves a route,
 * its answers are kept.
 */
export const shortestLifetime = ({ aws }: ResolvedConfig): number =>
  Math.min(...[aws, ...aws.authorizers.values()].map(({ resultTtlSeconds }) => resultTtlSeconds ?? 0))

const OFF = 'is off, which is less than the section revocation: a revoked token is accepted until it expires'

const describeKept = (seconds: number): string =>
  `is strong, and API Gateway keeps the answers of every function for ${seconds} s or more: a revoked token may be accepted there for that long; serve the route with a function whose resultTtlSeconds is 0`

/**
 * A warning for each route that accepts revoked tokens, and for each whose `strong` API Gateway does not keep. API
 * Gateway keeps no answer about a handshake. `hasGateway`: whether the stage has API Gateway in front of an edge.
 */
export function findUncheckedRoutes(config: ResolvedConfig, hasGateway: boolean): readonly ConfigProblem[] {
  const { revocation, routes } = config
  if (revocation == null) return []
  const kept = hasGateway && revocation.dynamodb !== null ? shortestLifetime(config) : 0
  return routes.flatMap(({ path, revocation: demand }, index) => {
    const setting = `routes[${index}].revocation`
    if (demand === 'off') return [{ path: setting, message: OFF }]
    if (demand === 'strong' && kept > 0 && path !== '$connect')
      return [{ path: setting, message: describeKept(kept) }]
    return []
  })
}

const CONNECTIONS = {
  cloudflare: 'one through the Worker until either side closes it',
  aws: 'one of API Gateway for up to 2 hours',
} as const

const hasUnknownLifetime = ({ aws }: ResolvedConfig): boolean =>
  [aws, ...aws.authorizers.values()].some(({ resultTtlSeconds }) => resultTtlSeconds === null)

/** Names of issuers whose tokens may have no `exp`: only answers about opaque tokens say how long these live. */
const withoutEnd = ({ issuers }: ResolvedConfig): readonly string[] => [
  ...new Set([...issuers.values()].filter(({ opaque }) => opaque.reader !== null).map(({ name }) => name)),
]

/** Notes on what the times leave out. `rows`: the staleness of the stage. */
export function describeRevocation(config: ResolvedConfig, rows: readonly Staleness[]): string[] {
  const edges = [...new Set(rows.flatMap(({ edge }) => edge ?? []))]
  if (edges.length === 0) return []
  return [
    `a revocation does not end an open WebSocket, which is not checked again: ${edges.map((edge) => CONNECTIONS[edge]).join('; ')}`,
    ...(edges.includes('aws') && hasUnknownLifetime(config)
      ? [
          'aws.resultTtlSeconds is not configured for every function and counts as 0 in the times above; set it to the lifetime that API Gateway has',
        ]
      : []),
    ...withoutEnd(config).map(
      (name) =>
        `issuers.${name}: its answers may have no exp, so an entry about its users, clients or keys is never dropped from the store`,
    ),
  ]
}
