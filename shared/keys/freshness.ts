// How long the keys of an issuer may be used, when new keys are fetched, and when no keys may be used: a pure state
// machine. It holds no keys, starts no fetch and has no clock. The key store carries out its plans.
// Why these times: docs/adr/0006.
//
//   fresh -> stale, refreshed in the background -> stale, refreshed before the answer -> unavailable
//
// Keys in the plan (`keys.bundled`) have a state of their own, which ends with the first fetch of an instance.

/** All in milliseconds. */
export interface FreshnessPolicy {
  /** Keys this young are used without a fetch. */
  readonly freshMs: number
  /** Up to this age they are used while new ones are fetched in the background. */
  readonly staleWhileRevalidateMs: number
  /** Up to this age they are used only if new ones cannot be fetched. Older keys are not trusted. */
  readonly staleIfErrorMs: number
  /** An unknown `kid` causes a fetch at most this often. */
  readonly missCooldownMs: number
  /** One and the same unknown `kid` causes the next fetch after the cool-down, then after twice as long, up to this. */
  readonly maxAbsenceMs: number
  /** Pause after a failed fetch; doubles with every further failure. */
  readonly backoffMs: number
  readonly maxBackoffMs: number
}

export const FRESHNESS: FreshnessPolicy = {
  freshMs: 10 * 60_000,
  staleWhileRevalidateMs: 20 * 60_000,
  staleIfErrorMs: 60 * 60_000,
  missCooldownMs: 30_000,
  // Short, because an issuer may sign with a key before it publishes the key: its tokens are refused for this long.
  maxAbsenceMs: 2 * 60_000,
  backoffMs: 1_000,
  maxBackoffMs: 30_000,
}

export interface Freshness {
  /** When the keys were fetched; `null`: there are none. */
  readonly fetchedAt: number | null
  /** When a fetch last failed, unless one has succeeded since. */
  readonly failedAt: number | null
  /** Failures in a row. */
  readonly failures: number
}

export const NEVER_FETCHED: Freshness = { fetchedAt: null, failedAt: null, failures: 0 }

/**
 * - `use`: the keys are fresh enough.
 * - `use_and_refresh`: use the keys now, and fetch in the background.
 * - `refresh_or_use`: fetch first, and use the keys if that fails.
 * - `refresh`: fetch first; there are no keys that could be used if that fails.
 * - `unavailable`: there are no keys, and it is too early for another fetch.
 */
export type KeyPlan = 'use' | 'use_and_refresh' | 'refresh_or_use' | 'refresh' | 'unavailable'

/**
 * The state after a clock was set back: keys that were fetched in the future count as just stale, and a failure in the
 * future is dropped.
 */
export function settle(state: Freshness, policy: FreshnessPolicy, now: number): Freshness {
  const { fetchedAt, failedAt } = state
  const isAhead = (at: number | null): boolean => at !== null && at > now
  if (!isAhead(fetchedAt) && !isAhead(failedAt)) return state
  return {
    fetchedAt: isAhead(fetchedAt) ? now - policy.freshMs : fetchedAt,
    ...(isAhead(failedAt) ? { failedAt: null, failures: 0 } : { failedAt, failures: state.failures }),
  }
}

const retryAt = (state: Freshness, policy: FreshnessPolicy): number =>
  state.failedAt === null
    ? Number.NEGATIVE_INFINITY
    : state.failedAt + Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** (state.failures - 1))

const mayFetch = (state: Freshness, policy: FreshnessPolicy, now: number): boolean =>
  now >= retryAt(state, policy)

/** The times between which the plan is `use` and `settle` does not change this state. */
export function freshSpan({ fetchedAt, failedAt }: Freshness, policy: FreshnessPolicy) {
  const at = fetchedAt ?? Number.NaN
  return { fromMs: Math.max(at, failedAt ?? at), untilMs: at + policy.freshMs }
}

/** The plan for the keys before a key is searched for. */
export function planKeys(state: Freshness, policy: FreshnessPolicy, now: number): KeyPlan {
  const age = state.fetchedAt === null ? Number.POSITIVE_INFINITY : now - state.fetchedAt
  const fetchable = mayFetch(state, policy, now)
  if (age < policy.freshMs) return 'use'
  if (age < policy.staleWhileRevalidateMs) return fetchable ? 'use_and_refresh' : 'use'
  if (age < policy.staleIfErrorMs) return fetchable ? 'refresh_or_use' : 'use'
  return fetchable ? 'refresh' : 'unavailable'
}

/** The plan for a `kid` that no key has: refuse the token, fetch the keys again, or 503 because a fetch has to wait. */
export type MissPlan = 'unknown' | 'refresh' | 'unavailable'

/** A `kid` was in none of `sets` key sets, the last of which was fetched at `at` (milliseconds since the epoch). */
export interface Absence {
  readonly at: number
  readonly sets: number
}

/** The absence of a `kid` from the keys that were fetched last. A key set counts once. */
export const absentFrom = (state: Freshness, before: Absence | undefined): Absence =>
  before !== undefined && before.at === state.fetchedAt
    ? before
    : { at: state.fetchedAt ?? Number.NEGATIVE_INFINITY, sets: (before?.sets ?? 0) + 1 }

const isRecent = ({ at, sets }: Absence, policy: FreshnessPolicy, now: number): boolean =>
  now >= at && now - at < Math.min(policy.maxAbsenceMs, policy.missCooldownMs * 2 ** (sets - 1))

/** The plan for a `kid` that no key has. `absence`: the recorded absence of the `kid` from earlier key sets. */
export function planMiss(
  state: Freshness,
  policy: FreshnessPolicy,
  now: number,
  absence?: Absence,
): MissPlan {
  if (!mayFetch(state, policy, now)) return 'unavailable'
  const age = state.fetchedAt === null ? Number.POSITIVE_INFINITY : now - state.fetchedAt
  if (state.failedAt === null && age < policy.missCooldownMs) return 'unknown'
  if (state.failedAt === null && absence !== undefined && isRecent(absence, policy, now)) return 'unknown'
  return 'refresh'
}

export const fetched = (now: number): Freshness => ({ fetchedAt: now, failedAt: null, failures: 0 })

export const failed = (state: Freshness, now: number): Freshness => ({
  ...state,
  failedAt: now,
  failures: state.failures + 1,
})

/** Whole seconds until another fetch may be tried, at least one. For `Retry-After`. */
export function retryAfterSeconds(state: Freshness, policy: FreshnessPolicy, now: number): number {
  const at =
    state.failedAt === null ? (state.fetchedAt ?? now) + policy.missCooldownMs : retryAt(state, policy)
  return Math.max(1, Math.ceil((at - now) / 1000))
}

/** Keys that the build put into the plan. */
export interface Bundled {
  /** When the build fetched them, in milliseconds since the epoch. */
  readonly fetchedAt: number
  readonly maxAgeMs: number
  /** When this instance first used them; `null`: it has not. */
  readonly usedAt: number | null
}

export interface BundledPolicy {
  /** Whether the platform stops work that is still running when a request is answered. */
  readonly isFrozenAfterAnswer: boolean
  /** By then the fetch that begins with the first use has settled, or never will. */
  readonly settleMs: number
}

/**
 * - `use`: the bundled keys answer.
 * - `use_and_fetch`: they answer, and the first fetch begins in the background.
 * - `over`: they are never used again in this instance.
 */
export type BundledPlan = 'use' | 'use_and_fetch' | 'over'

/**
 * The plan for the bundled keys and the state after it; `null`: over. The caller drops the state, too, once a fetch has
 * settled. Where a fetch cannot run behind the answer, they answer once: the next request waits for the fetch. Keys of
 * which the age cannot be told, because a clock is wrong, are not used.
 */
export function planBundled(
  state: Bundled | null,
  { isFrozenAfterAnswer, settleMs }: BundledPolicy,
  now: number,
): readonly [BundledPlan, Bundled | null] {
  const isWithin = (from: number, ms: number): boolean => now >= from && now - from < ms
  if (state === null || !isWithin(state.fetchedAt, state.maxAgeMs)) return ['over', null]
  if (state.usedAt === null) return [isFrozenAfterAnswer ? 'use' : 'use_and_fetch', { ...state, usedAt: now }]
  return !isFrozenAfterAnswer && isWithin(state.usedAt, settleMs) ? ['use', state] : ['over', null]
}
