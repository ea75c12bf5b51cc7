// The state machine of key freshness, as tables. Times are milliseconds since the epoch.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  absentFrom,
  failed,
  fetched,
  NEVER_FETCHED,
  planBundled,
  planKeys,
  planMiss,
  retryAfterSeconds,
  settle,
  type Absence,
  type Bundled,
  type BundledPlan,
  type Freshness,
  type FreshnessPolicy,
  type KeyPlan,
  type MissPlan,
} from '../../../shared/keys/freshness.ts'

const POLICY: FreshnessPolicy = {
  freshMs: 600_000,
  staleWhileRevalidateMs: 1_200_000,
  staleIfErrorMs: 3_600_000,
  missCooldownMs: 30_000,
  maxAbsenceMs: 100_000,
  backoffMs: 1_000,
  maxBackoffMs: 30_000,
}

const T = 1_800_000_000_000

/** Keys of the given age, with that many failures in a row, the last one `failedAgoMs` ago. */
const state = (ageMs: number | null, failures = 0, failedAgoMs = 0): Freshness => ({
  fetchedAt: ageMs === null ? null : T - ageMs,
  failedAt: failures === 0 ? null : T - failedAgoMs,
  failures,
})

describe('planKeys', () => {
  test.each<[string, Freshness, KeyPlan]>([
    ['never fetched', NEVER_FETCHED, 'refresh'],
    ['just fetched', state(0), 'use'],
    ['last moment of fresh', state(599_999), 'use'],
    ['stale, may be refreshed behind the answer', state(600_000), 'use_and_refresh'],
    ['stale, within the back-off', state(600_000, 1, 999), 'use'],
    ['stale, the back-off over', state(600_000, 1, 1_000), 'use_and_refresh'],
    ['last moment of refreshing behind the answer', state(1_199_999), 'use_and_refresh'],
    ['staler, the refresh comes first', state(1_200_000), 'refresh_or_use'],
    ['staler, within the back-off', state(1_200_000, 2, 1_999), 'use'],
    ['last moment of trust', state(3_599_999), 'refresh_or_use'],
    ['too old to trust', state(3_600_000), 'refresh'],
    ['too old to trust, within the back-off', state(3_600_000, 1, 999), 'unavailable'],
    ['no keys, within the back-off', state(null, 1, 0), 'unavailable'],
    ['no keys, the back-off over', state(null, 1, 1_000), 'refresh'],
    ['the back-off doubles', state(null, 3, 3_999), 'unavailable'],
    ['the back-off, doubled, is over', state(null, 3, 4_000), 'refresh'],
    ['the back-off has an end', state(null, 60, 30_000), 'refresh'],
  ])('%s', (_, given, plan) => {
    expect(planKeys(given, POLICY, T)).toBe(plan)
  })
})

describe('planMiss', () => {
  test.each<[string, Freshness, MissPlan]>([
    ['within the cool-down of a fetch', state(29_999), 'unknown'],
    ['the cool-down over', state(30_000), 'refresh'],
    ['the last fetch failed just now: undecidable', state(600_000, 1, 500), 'unavailable'],
    ['the last fetch failed, the back-off over', state(600_000, 1, 1_000), 'refresh'],
    ['a failure after a fetch counts more than its cool-down', state(10_000, 1, 2_000), 'refresh'],
  ])('%s', (_, given, plan) => {
    expect(planMiss(given, POLICY, T)).toBe(plan)
  })

  const absent = (agoMs: number, sets: number): Absence => ({ at: T - agoMs, sets })
  test.each<[string, Freshness, Absence, MissPlan]>([
    ['absent from one set: the cool-down of the kid', state(30_000), absent(29_999, 1), 'unknown'],
    ['absent from one set, over', state(30_000), absent(30_000, 1), 'refresh'],
    ['absent from two sets', state(59_999), absent(59_999, 2), 'unknown'],
    ['absent from two sets, over', state(60_000), absent(60_000, 2), 'refresh'],
    ['absent from many sets: there is an end', state(99_999), absent(99_999, 60), 'unknown'],
    ['absent from many sets, the end', state(100_000), absent(100_000, 60), 'refresh'],
    ['absent, but the last fetch failed just now', state(60_000, 1, 500), absent(31_000, 2), 'unavailable'],
    ['absent, but the last fetch failed', state(60_000, 1, 1_000), absent(31_000, 2), 'refresh'],
    ['absent from a set of the future: a clock was set back', state(60_000), absent(-1, 2), 'refresh'],
  ])('%s', (_, given, absence, plan) => {
    expect(planMiss(given, POLICY, T, absence)).toBe(plan)
  })

  test('the same set twice is unchanged, a newer one is a change', () => {
    const once = absentFrom(fetched(T), undefined)
    expect(once).toEqual({ at: T, sets: 1 })
    expect(absentFrom(fetched(T), once)).toEqual(once)
    expect(absentFrom(fetched(T + 1), once)).toEqual({ at: T + 1, sets: 2 })
  })
})

test('a success resets the failures, a failure keeps the keys', () => {
  const once = failed(fetched(T), T + 5)
  expect(once).toEqual({ fetchedAt: T, failedAt: T + 5, failures: 1 })
  expect(failed(once, T + 9)).toEqual({ fetchedAt: T, failedAt: T + 9, failures: 2 })
  expect(fetched(T + 20)).toEqual({ fetchedAt: T + 20, failedAt: null, failures: 0 })
})

test.each([
  [state(0), 30],
  [state(29_500), 1],
  [state(90_000), 1],
  [state(null, 1, 0), 1],
  [state(null, 4, 0), 8],
  [state(null, 4, 7_900), 1],
  [state(null, 99, 0), 30],
])('%o is worth another try in %d s', (given, seconds) => {
  expect(retryAfterSeconds(given, POLICY, T)).toBe(seconds)
})

describe('a clock that was set back', () => {
  test('keys from the future are used and refreshed, not trusted without end', () => {
    const settled = settle(state(-86_400_000), POLICY, T)
    expect(planKeys(settled, POLICY, T)).toBe('use_and_refresh')
    expect(planMiss(settled, POLICY, T)).toBe('refresh')
    expect(planKeys(settle(settled, POLICY, T + 3_000_000), POLICY, T + 3_000_000)).toBe('refresh')
  })

  test('a failure in the future is ignored', () => {
    expect(planKeys(settle(state(null, 3, -60_000), POLICY, T), POLICY, T)).toBe('refresh')
  })

  test.each([NEVER_FETCHED, state(5_000), state(5_000, 2, 100)])(
    'the rest of the state is unchanged: %o',
    (given) => {
      expect(settle(given, POLICY, T)).toEqual(given)
    },
  )
})

describe('planBundled', () => {
  const MAX_AGE_MS = 86_400_000
  const WORKER = { isFrozenAfterAnswer: false, settleMs: 6_000 }
  const LAMBDA = { isFrozenAfterAnswer: true, settleMs: 6_000 }
  const built = (agoMs: number, usedAgoMs: number | null = null): Bundled => ({
    fetchedAt: T - agoMs,
    maxAgeMs: MAX_AGE_MS,
    usedAt: usedAgoMs === null ? null : T - usedAgoMs,
  })

  test.each<[string, Bundled | null, BundledPlan, BundledPlan]>([
    ['the first use', built(1_000), 'use_and_fetch', 'use'],
    ['the first use, just built', built(0), 'use_and_fetch', 'use'],
    ['the first use, the last moment of the age', built(MAX_AGE_MS - 1), 'use_and_fetch', 'use'],
    ['the first use, too old', built(MAX_AGE_MS), 'over', 'over'],
    ['the first use, built in the future: a clock is wrong', built(-1), 'over', 'over'],
    ['again at the same time', built(1_000, 0), 'use', 'over'],
    ['again while the fetch may be under way', built(1_000, 5_999), 'use', 'over'],
    ['again when the fetch must have settled', built(10_000, 6_000), 'over', 'over'],
    ['again when they have become too old', built(MAX_AGE_MS, 100), 'over', 'over'],
    ['used in the future: a clock was set back', built(1_000, -1), 'over', 'over'],
    ['over', null, 'over', 'over'],
  ])('%s', (_, given, onWorker, onLambda) => {
    expect(planBundled(given, WORKER, T)[0]).toBe(onWorker)
    expect(planBundled(given, LAMBDA, T)[0]).toBe(onLambda)
  })

  const STEP = fc.oneof(
    fc.constantFrom(0, 1, 5_999, 6_000, MAX_AGE_MS - 1, MAX_AGE_MS),
    fc.integer({ min: -2 * MAX_AGE_MS, max: 2 * MAX_AGE_MS }),
  )

  test.each([
    ['that goes on after the answer', WORKER],
    ['that is frozen after the answer', LAMBDA],
  ])('a platform %s: any clock ends the trust, and for good', (_, policy) => {
    const run = (steps: readonly number[]) => {
      let now = T
      let bundled: Bundled | null = built(0)
      return steps.map((step) => {
        now += step
        const [plan, after] = planBundled(bundled, policy, now)
        bundled = after
        return { plan, now, after }
      })
    }
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 12 }), (steps) => {
        const results = run(steps)
        const uses = results.filter(({ plan }) => plan !== 'over')
        // Trusted only at first, within the age, and within the time of one fetch after the first use.
        expect(results.slice(0, uses.length)).toEqual(uses)
        for (const { now } of uses) {
          expect(now - T).toBeGreaterThanOrEqual(0)
          expect(now - T).toBeLessThan(MAX_AGE_MS)
          expect(now - uses[0]!.now).toBeLessThan(policy.settleMs)
          expect(now).toBeGreaterThanOrEqual(uses[0]!.now)
        }
        for (const { plan, after } of results) expect(after === null).toBe(plan === 'over')
        const fetching = results.filter(({ plan }) => plan === 'use_and_fetch')
        expect(fetching).toHaveLength(policy === WORKER && uses.length > 0 ? 1 : 0)
        if (policy === LAMBDA) expect(uses.length).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('a platform that is frozen after the answer trusts them once, another one until the fetch must have settled', () => {
    const plansOf = (policy: typeof WORKER) => {
      const [first, once] = planBundled(built(1_000), policy, T)
      const [second, twice] = planBundled(once, policy, T + 1)
      return [first, second, planBundled(twice, policy, T + 2)[0]]
    }
    expect(plansOf(WORKER)).toEqual(['use_and_fetch', 'use', 'use'])
    expect(plansOf(LAMBDA)).toEqual(['use', 'over', 'over'])
  })
})
