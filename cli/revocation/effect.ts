// How late a revocation takes effect once it is written: the bounds of the configuration, less the lifetime of cached
// answers where they were removed.

import { revocationStaleness, type ResolvedConfig, type Staleness } from '../../shared/index.ts'
import { ANSWER_PART, GATEWAY_PART, REQUEST_MS } from '../../shared/edge.ts'
import type { GatewayCache } from './gateway-caches.ts'
import type { EdgeWithStore } from './target.ts'

const FLUSH_PART = 'until the caches are emptied again'

/** What became of a cache. */
export interface FlushedCache {
  readonly name: string
  /** Why it could not be emptied. `null`: it was. */
  readonly problem: string | null
}

/** What the cache of the gateway adds. */
const keptSeconds = ({ parts }: Staleness): number =>
  parts
    .filter(({ name }) => name === GATEWAY_PART || name === ANSWER_PART)
    .reduce((sum, { seconds }) => sum + seconds, 0)

/**
 * For how long a function may give an answer from before a revocation, in milliseconds: it may remember what it has
 * read of the store, and hold a decision back while it works on the request. What API Gateway asks for meanwhile, it
 * may keep again.
 */
export const oldAnswerMs = (config: ResolvedConfig): number =>
  REQUEST_MS +
  Math.max(
    0,
    ...revocationStaleness(config)
      .filter(({ edge }) => edge === 'aws')
      .map((row) => (row.reachableSeconds! - keptSeconds(row)) * 1000),
  )

const flushAll = (caches: readonly GatewayCache[]): Promise<readonly FlushedCache[]> =>
  Promise.all(caches.map(async (cache) => ({ name: cache.name, problem: await cache.flush() })))

/**
 * Empties the caches twice: at once, and when no function gives an answer from before. `wait`: between the two; `null`:
 * the functions have no news, so once is enough. Nobody waits where no cache could be emptied.
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

/**
 * Cached answers stand at most until the caches are emptied again, and longer only if a function could not ask the
 * store meanwhile. `flushSeconds`: until that time.
 */
function untilFlushed(row: Staleness, flushSeconds: number): Staleness {
  if (row.edge !== 'aws' || row.reachableSeconds! <= flushSeconds) return row
  const parts = [{ name: FLUSH_PART, seconds: flushSeconds }]
  return row.demand === 'strong'
    ? { ...row, seconds: flushSeconds, reachableSeconds: flushSeconds, parts }
    : { ...row, reachableSeconds: flushSeconds }
}

/**
 * The rows about edges whose store has the revocation. `areFlushed`: whether every cache of `aws.caches` was emptied,
 * and there is one.
 */
export function effectOf(
  config: ResolvedConfig,
  edges: readonly EdgeWithStore[],
  areFlushed: boolean,
): readonly Staleness[] {
  const rows = revocationStaleness(config).filter(({ edge }) => edge !== undefined && edges.includes(edge))
  return areFlushed ? rows.map((row) => untilFlushed(row, oldAnswerMs(config) / 1000)) : rows
}

/** Names of the routes that accept revoked tokens. */
export const uncheckedRoutes = ({ routes }: ResolvedConfig): readonly string[] =>
  routes.filter(({ revocation }) => revocation === 'off').map(({ name }) => name)
