// How late a revocation takes effect once it is written: the bounds of the configuration, less the lifetime of cached
// answers where they were removed.

import { revocationStaleness, type ResolvedConfig, type Staleness } from '../../shared/index.ts'
import { STORE_WAIT_MS } from '../../shared/edge.ts'
import type { GatewayCache } from './gateway-caches.ts'
import type { EdgeWithStore } from './target.ts'

const GATEWAY_PART = 'kept by the gateway'

/** What became of a cache. */
export interface FlushedCache {
  readonly name: string
  /** Why it could not be emptied. `null`: it was. */
  readonly problem: string | null
}

const keptSeconds = ({ parts }: Staleness): number =>
  parts.find(({ name }) => name === GATEWAY_PART)?.seconds ?? 0

/**
 * For how long a function may answer from what it has read of a store, in milliseconds. What API Gateway asks for
 * meanwhile, it may keep again. At least as long as a function may be at work on a request.
 */
export const memoryMs = (config: ResolvedConfig): number =>
  Math.max(
    STORE_WAIT_MS,
    ...revocationStaleness(config)
      .filter(({ edge }) => edge === 'aws')
      .map((row) => (row.reachableSeconds! - keptSeconds(row)) * 1000),
  )

const flushAll = (caches: readonly GatewayCache[]): Promise<readonly FlushedCache[]> =>
  Promise.all(caches.map(async (cache) => ({ name: cache.name, problem: await cache.flush() })))

/**
 * Empties the caches twice: at once, and when no function remembers what was before. `wait`: between the two; `null`: the
 * functions have no news, so once is enough. Nobody waits where no cache could be emptied.
 */
export async function flushCaches(
  caches: readonly GatewayCache[],
  wait: (() => Promise<void>) | null,
): Promise<readonly FlushedCache[]> {
  const first = await flushAll(caches)
  if (wait === null || first.every(({ problem }) => problem !== null)) return first
  await wait()
  return flushAll(caches)
}

/** Cached answers that were removed stand no longer, unless a function could not ask the store meanwhile. */
function withoutCaches(row: Staleness): Staleness {
  if (row.edge !== 'aws') return row
  const reachableSeconds = row.reachableSeconds! - keptSeconds(row)
  return row.demand === 'strong'
    ? { ...row, seconds: reachableSeconds, reachableSeconds, parts: [] }
    : { ...row, reachableSeconds }
}

/**
 * The rows about edges whose store has the revocation. `areFlushed`: whether every cache of `aws.caches` was emptied, and
 * there is one.
 */
export function effectOf(
  config: ResolvedConfig,
  edges: readonly EdgeWithStore[],
  areFlushed: boolean,
): readonly Staleness[] {
  const rows = revocationStaleness(config).filter(({ edge }) => edge !== undefined && edges.includes(edge))
  return areFlushed ? rows.map(withoutCaches) : rows
}

/** Names of the routes that accept revoked tokens. */
export const uncheckedRoutes = ({ routes }: ResolvedConfig): readonly string[] =>
  routes.filter(({ revocation }) => revocation === 'off').map(({ name }) => name)
