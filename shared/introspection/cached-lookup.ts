// Looks tokens up at their issuer: one lookup at a time for each token, behind a circuit breaker, with answers cached
// for `cacheSeconds`. A cached answer is never a decision: the rules run anew for every request. A problem is never
// cached. Everything here holds for one instance (one isolate, one Lambda sandbox).

import type { ResolvedAnswerTimes, ResolvedIssuer } from '../config/config.ts'
import type { Claims } from '../grant/userinfo-lookup.ts'
import type { Ports, WaitUntil } from '../platform/ports.ts'
import { createSingleFlight } from '../platform/single-flight.ts'
import { member } from '../token/strict-json.ts'
import { createBoundedCache, type BoundedCache } from './bounded-cache.ts'
import { createTokenKey, type TokenKey } from './cache-key.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'
import type { IntrospectionResult } from './introspection-result.ts'
import type { LookupMethod } from './lookup-method.ts'

export const ACTIVE_LIMITS = { maxEntries: 5_000, maxBytes: 8_388_608 } as const
export const INACTIVE_LIMITS = { maxEntries: 5_000, maxBytes: 1_048_576 } as const
export const KNOWN_TOKEN_LIMITS = { maxEntries: 10_000, maxBytes: 2_097_152 } as const
/** For how long after an answer that it is active a token keeps the standing `known`. */
export const KNOWN_MS = 3_600_000
/** The longest that an inactive answer is cached. */
export const INACTIVE_MS = 10_000
/** For loading a secret and finding the endpoint, in addition to the time for the answers. */
const PREPARATION_MS = 4_000
/** The approximate size of an entry without its claims. */
const ENTRY_BYTES = 200

/** The caches of all issuers. They share the bounds on memory; each cache key includes the issuer. */
export interface AnswerCaches {
  readonly tokenKey: TokenKey
  readonly active: BoundedCache<Claims>
  readonly inactive: BoundedCache<IntrospectionResult>
  /** Tokens that were active when they were last looked up. */
  readonly known: BoundedCache<true>
}

export const createAnswerCaches = (): AnswerCaches => ({
  tokenKey: createTokenKey(),
  active: createBoundedCache(ACTIVE_LIMITS),
  inactive: createBoundedCache(INACTIVE_LIMITS),
  known: createBoundedCache(KNOWN_TOKEN_LIMITS),
})

export interface LookupSettings extends Pick<LookupMethod, 'lookUp' | 'standing'>, ResolvedAnswerTimes {
  /** Part of the cache key: keeps the answers of different endpoints about one token apart. */
  readonly purpose: string
  readonly breaker: CircuitBreaker
}

export function createCachedLookup(
  issuer: ResolvedIssuer,
  { breaker, purpose, lookUp, standing, cacheSeconds, timeoutMs }: LookupSettings,
  caches: AnswerCaches,
  now: Ports['now'],
): (token: string, waitUntil: WaitUntil | undefined) => Promise<IntrospectionResult> {
  const flight = createSingleFlight<IntrospectionResult>(2 * timeoutMs + PREPARATION_MS)
  const toleranceMs = issuer.clockToleranceSeconds * 1000
  const cacheMs = cacheSeconds * 1000

  function cache(key: string, result: IntrospectionResult, at: number): void {
    if ('inactive' in result) {
      caches.inactive.set(key, result, ENTRY_BYTES, at, at + Math.min(INACTIVE_MS, cacheMs))
      caches.known.set(key, true, 0, at, at)
    }
    if (!('claims' in result)) return
    caches.known.set(key, true, ENTRY_BYTES, at, at + KNOWN_MS)
    const exp = member(result.claims, 'exp')
    const until = typeof exp === 'number' ? exp * 1000 + toleranceMs : Number.POSITIVE_INFINITY
    const bytes = 2 * JSON.stringify(result.claims).length + ENTRY_BYTES
    caches.active.set(key, { claims: result.claims }, bytes, at, Math.min(until, at + cacheMs))
  }

  return async (token, waitUntil) => {
    const key = await caches.tokenKey(issuer.name, purpose, token)
    const at = now()
    const cached = caches.active.get(key, at) ?? caches.inactive.get(key, at)
    if (cached !== undefined) return cached
    const work = async () => {
      const known = caches.known.get(key, at) ?? false
      const result = await breaker.run(key, known ? 'known' : standing(token), () => lookUp(token, waitUntil))
      cache(key, result, at)
      return result
    }
    return flight.run(key, work, waitUntil)
  }
}
