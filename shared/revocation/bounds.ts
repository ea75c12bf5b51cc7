// How late a revocation takes effect where it is configured: for each edge, each function on AWS and each demand of a
// route, added up from the configuration. A connection that is open already, such as a WebSocket, is outside of it.

import type { ResolvedConfig, ResolvedRevocation } from '../config/config.ts'
import { REQUEST_MS } from '../platform/deadline.ts'
import { FIRST_WAIT_MS } from './lookup-reader.ts'
import { STORE_WAIT_MS } from './waits.ts'

export interface Part {
  readonly name: string
  readonly seconds: number
}

/** The longest time until a revocation takes effect on the routes of one edge that demand the same of the check. */
export interface RevocationBound {
  readonly edge: 'cloudflare' | 'aws'
  /** The name of the function in `aws.authorizers`. `null`: the settings of `aws` itself, or the Worker. */
  readonly authorizer: string | null
  /** `usual`: what the section `revocation` says. */
  readonly demand: 'usual' | 'strong'
  /** The sum of `parts`. */
  readonly seconds: number
  /** The same while the store answers. */
  readonly reachableSeconds: number
  readonly parts: readonly Part[]
}

/** API Gateway serves a cached answer without asking the function. An unknown lifetime counts as 0. */
export const GATEWAY_PART = 'kept by the gateway'

/** A function may hold back what it has decided, while it works on the request. The gateway keeps it from then on. */
export const ANSWER_PART = 'until the function answers'

const OUTAGE_PART = 'more while the store is out of reach'

const sumOf = (parts: readonly Part[]): number => parts.reduce((sum, { seconds }) => sum + seconds, 0)

/**
 * An instance may answer from news of this age. While it waits for the store, a revocation can be stored. A look-up by
 * which a function learns of a token for the first time may take longer.
 */
function usualParts(
  edge: RevocationBound['edge'],
  { refreshSeconds, staleSeconds }: ResolvedRevocation,
): readonly Part[] {
  const first = edge === 'aws' ? FIRST_WAIT_MS / 1000 - refreshSeconds : 0
  const wait = Math.max(STORE_WAIT_MS / 1000, first)
  return [
    { name: 'age of the news', seconds: refreshSeconds },
    { name: 'waiting for the store', seconds: wait },
    { name: OUTAGE_PART, seconds: Math.max(0, staleSeconds - refreshSeconds - wait) },
  ]
}

const toBound = (
  place: Pick<RevocationBound, 'edge' | 'authorizer' | 'demand'>,
  given: readonly Part[],
): RevocationBound => {
  const parts = given.filter(({ seconds }) => seconds > 0)
  return {
    ...place,
    seconds: sumOf(parts),
    reachableSeconds: sumOf(parts.filter(({ name }) => name !== OUTAGE_PART)),
    parts,
  }
}

/** Empty where revocation is not configured, and for an edge without a store. Leaves out the routes with `off`. */
export function revocationBounds({
  revocation,
  routes,
  aws,
}: Pick<ResolvedConfig, 'revocation' | 'routes' | 'aws'>): readonly RevocationBound[] {
  if (revocation == null) return []
  const guarded = routes.filter(({ demand }) => demand !== null)
  const functions = [[null, aws] as const, ...aws.authorizers]
  const places = [
    ...(revocation.durableObject === null
      ? []
      : [{ edge: 'cloudflare' as const, authorizer: null, lifetime: 0 }]),
    ...(revocation.dynamodb === null
      ? []
      : functions.map(([authorizer, { resultTtlSeconds }]) => ({
          edge: 'aws' as const,
          authorizer,
          lifetime: resultTtlSeconds ?? 0,
        }))),
  ]
  const demands = [
    { demand: 'usual' as const, isHad: guarded.some((route) => route.revocation === undefined) },
    { demand: 'strong' as const, isHad: guarded.some((route) => route.revocation === 'strong') },
  ].filter(({ isHad }) => isHad)
  return places.flatMap(({ edge, authorizer, lifetime }) =>
    demands.map(({ demand }) =>
      toBound({ edge, authorizer, demand }, [
        ...(demand === 'usual' ? usualParts(edge, revocation) : []),
        { name: ANSWER_PART, seconds: lifetime > 0 ? REQUEST_MS / 1000 : 0 },
        { name: GATEWAY_PART, seconds: lifetime },
      ]),
    ),
  )
}
