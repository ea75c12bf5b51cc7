// The keys of one issuer, owned by that issuer and shared with no other. Does what freshness.ts says:
// one fetch at a time, behind the answer where that is allowed, and a second one only for a first that hangs.
// Promises made here hold for one instance (one isolate, one Lambda sandbox); instances know nothing of each other.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { CachedKeys, KeyCache, Ports, VerificationKey, WaitUntil } from '../platform/ports.ts'
import {
  absentFrom,
  failed,
  fetched,
  freshSpan,
  FRESHNESS,
  NEVER_FETCHED,
  planKeys,
  planMiss,
  retryAfterSeconds,
  settle,
  type Absence,
  type Freshness,
  type KeyPlan,
} from './freshness.ts'
import { type Asked, fetchKeySet, keyFetchMs, MAX_KEYS, type PublicKeyIssuer } from './key-endpoint.ts'
import { gaveUp } from '../platform/single-flight.ts'
import {
  NO_KEYS,
  problemsOf,
  readKeySet,
  selectKey,
  toKeyAnswer,
  type KeyAnswer,
  type KeyChoice,
  type KeyRequest,
  type KeySet,
} from './key-set.ts'
import type { KeyLease } from './lease.ts'

export interface KeyStore {
  /**
   * The key that may verify a token with this `kid`, `alg` and owner, or why there is none; without a `kid`, the few
   * to try (`MAX_TRIED_KEYS`). `waitUntil` keeps a refresh alive that outlasts the request; without it a refresh is
   * simply left running. Answers at once, without a promise, where the key is at hand and fresh enough. `nowMs`: the
   * time, where it has just been read.
   */
  find(request: KeyRequest, waitUntil?: WaitUntil, nowMs?: number): KeyAnswer | Promise<KeyAnswer>
  /**
   * The keys to try instead of those that were found without a `kid` and did not verify: the issuer may have
   * replaced them. Asks at most once per cool-down; none where there are no others.
   */
  findNewer(tried: readonly VerificationKey[], request: KeyRequest, waitUntil?: WaitUntil): Promise<KeyAnswer>
  /** Seconds until it is worth asking again. */
  retryAfterSeconds(): number
}

/** The key that verified a signature. */
export interface Signer {
  readonly key: VerificationKey
  readonly lease: KeyLease | null
}

/**
 * The key of a store that has signed something, as `isSigner` says of each that may have; or why none is known. `wait`: how
 * long the store is waited for, where no key is at hand.
 */
export async function findSigner(
  store: KeyStore,
  request: KeyRequest,
  isSigner: (key: VerificationKey) => boolean | Promise<boolean>,
  waitUntil: WaitUntil | undefined,
  wait: (answer: Promise<KeyAnswer>) => Promise<KeyAnswer> = (answer) => answer,
): Promise<Signer | Failure> {
  const answer = store.find(request, waitUntil)
  let found = answer instanceof Promise ? await wait(answer) : answer
  for (let isNewer = false; !isFailure(found); isNewer = true) {
    const { keys, lease } = found
    for (const key of keys) if (await isSigner(key)) return { key, lease }
    if (isNewer || request.kid !== null) return failure('signature_invalid')
    found = await wait(store.findNewer(keys, request, waitUntil))
  }
  return found
}

/** How long the shared cache is waited for; asking the issuer takes longer. */
const CACHE_WAIT_MS = 250

/** As many unknown `kid`s are remembered; the oldest are forgotten first. */
export const MAX_ABSENT_KIDS = 500

/** What one fetch brought; `problem` is why its keys cannot replace the ones held. */
interface Outcome {
  readonly problem: string | null
  readonly set: KeySet
  readonly published: readonly unknown[]
  /** `null`: nobody. */
  readonly asked: Asked | null
}

/** Whether the issuer may have published something better under the `kid`, or for a token without one, since. */
export const mayBeOutdated = (choice: KeyChoice, { kid }: KeyRequest): boolean =>
  'unusable' in choice || ('none' in choice && (kid === null || choice.none === 'unknown'))

/** Those of an answer that have not been tried. */
export const untried = (answer: KeyAnswer, tried: readonly VerificationKey[]): KeyAnswer =>
  isFailure(answer) ? answer : { ...answer, keys: answer.keys.filter((key) => !tried.includes(key)) }

/** A lease from the time when keys are fresh until the time when they no longer are. */
const leaseFor = (freshness: Freshness) => ({ ...freshSpan(freshness, FRESHNESS), isOver: false })

export function createKeyStore(issuer: PublicKeyIssuer, ports: Ports): KeyStore {
  const { source, algorithms } = issuer.keys
  /** As long as a fetch takes, and a little for the scheduler. */
  const waitMs = keyFetchMs(issuer.keys) + 500
  let keySet = NO_KEYS
  let freshness: Freshness = NEVER_FETCHED
  let lease = leaseFor(freshness)
  let problem = 'not_fetched'
  let inFlight: Promise<void> | null = null
  let started = 0
  const cache = source.jwks === undefined ? ports.keyCache : undefined
  /** By what is fetched and believed, so that other configurations find nothing they would not fetch themselves. */
  const cacheName = JSON.stringify([issuer.issuer, source])
  /** By `kid`. */
  const absent = new Map<string, Absence>()
  let adopting: Promise<void> | 'done' | null = null
  let left: CachedKeys | null = null

  /** Every state change ends the leases on keys. */
  function setState(newFreshness: Freshness, newKeySet: KeySet): void {
    lease.isOver = true
    freshness = newFreshness
    keySet = newKeySet
    lease = leaseFor(freshness)
  }

  function apply(outcome: Outcome): void {
    const now = ports.now()
    const bad = outcome.problem !== null
    if (bad) setState(failed(freshness, now), keySet)
    else setState(fetched(now), outcome.set)
    problem = outcome.problem ?? problem
    ports.report({
      event: 'keys',
      outcome: bad ? 'failed' : 'refreshed',
      issuer: issuer.name,
      code: outcome.problem ?? 'ok',
      keys: keySet.keys.length,
      refused: problemsOf(outcome.set),
      ...(bad ? outcome.asked : null),
    })
  }

  async function fetchOnce(): Promise<Outcome> {
    const { jwks } = source
    const answer = jwks === undefined ? await fetchKeySet(issuer, ports) : { ...jwks, asked: null }
    if ('problem' in answer) {
      const { problem: name, ...asked } = answer
      return { problem: name, set: NO_KEYS, published: [], asked }
    }
    const found = await readKeySet(answer.keys, algorithms, ports.crypto, keySet)
    return {
      problem: found.keys.length === 0 ? 'no_usable_key' : null,
      set: found,
      published: answer.keys,
      asked: answer.asked,
    }
  }

  /** The last to be started has the last word: an older fetch that comes back late changes nothing. */
  async function load(): Promise<void> {
    const mine = ++started
    const outcome = await fetchOnce()
    if (mine !== started) return
    apply(outcome)
    left = outcome.problem === null ? { keys: outcome.published, fetchedAt: ports.now() } : null
  }

  /** Leaves what was fetched for other instances, behind every answer. */
  async function leave(): Promise<void> {
    const cached = left
    left = null
    if (cache === undefined || cached === null) return
    try {
      await cache.write(cacheName, cached)
    } catch {
      // The next instance asks for itself.
    }
  }

  /**
   * Takes over what another instance has left, as old as it was there, so that no key lives longer for having
   * been passed on. It is read as strictly as what an issuer publishes.
   */
  async function adopt(from: KeyCache): Promise<void> {
    try {
      const cached = await from.read(cacheName)
      const age = cached === null ? Number.NaN : ports.now() - cached.fetchedAt
      if (!Array.isArray(cached?.keys) || cached.keys.length > MAX_KEYS) return
      if (!(age >= 0 && age < FRESHNESS.staleWhileRevalidateMs)) return
      const found = await readKeySet(cached.keys, algorithms, ports.crypto)
      if (found.keys.length === 0 || freshness.fetchedAt !== null) return
      setState(fetched(cached.fetchedAt), found)
      ports.report({
        event: 'keys',
        outcome: 'adopted',
        issuer: issuer.name,
        code: 'ok',
        keys: keySet.keys.length,
        refused: problemsOf(found),
      })
    } catch {
      // As if nothing had been left.
    }
  }

  function start(waitUntil: WaitUntil | undefined): Promise<void> {
    const work = load().finally(() => {
      if (inFlight === work) inFlight = null
    })
    inFlight = work
    // Whoever waits for the keys is told if it fails. Whoever keeps it alive need not be.
    const whole = work.then(leave, () => {})
    waitUntil?.(whole)
    return work
  }

  /** Joins the fetch that is under way, or starts one. The first to give up on a joined one replaces it. */
  async function refresh(waitUntil: WaitUntil | undefined): Promise<void> {
    if (inFlight === null) return start(waitUntil)
    waitUntil?.(inFlight, 'joining')
    const joined = started
    try {
      if ((await Promise.race([inFlight, gaveUp(waitMs)])) !== 'gave_up') return
    } catch {
      // On Workers, a promise of a request that has ended cannot be awaited.
    }
    if (started === joined) return start(waitUntil)
    await Promise.race([inFlight, gaveUp(waitMs)])
  }

  /** Behind an answer there is nobody to tell that it failed. */
  const refreshBehind = (waitUntil: WaitUntil | undefined): void => void refresh(waitUntil).catch(() => {})

  const plan = (now = ports.now()): KeyPlan => {
    const settled = settle(freshness, FRESHNESS, now)
    if (settled !== freshness) setState(settled, keySet)
    return planKeys(freshness, FRESHNESS, now)
  }

  async function makeAvailable(waitUntil: WaitUntil | undefined): Promise<boolean> {
    if (cache !== undefined && freshness.fetchedAt === null && adopting !== 'done') {
      adopting ??= adopt(cache)
      await Promise.race([adopting, gaveUp(CACHE_WAIT_MS)])
      adopting = 'done'
    }
    const first = plan()
    if (first === 'use_and_refresh') refreshBehind(waitUntil)
    if (first === 'refresh' || first === 'refresh_or_use') await refresh(waitUntil)
    const then = plan()
    return then !== 'unavailable' && then !== 'refresh'
  }

  const unavailable = (): Failure => failure('keys_unavailable', { problem })

  /** Whether the set is as new as it may be: asks for another one if enough time has passed. */
  async function makeCurrent(kid: string | null, waitUntil: WaitUntil | undefined): Promise<boolean> {
    if (source.jwks !== undefined) return true
    const miss = planMiss(freshness, FRESHNESS, ports.now(), kid === null ? undefined : absent.get(kid))
    if (miss === 'refresh') await refresh(waitUntil)
    return miss !== 'unavailable' && freshness.failedAt === null
  }

  /** Keeps in mind which `kid` is in no set, so that whoever repeats it causes ever fewer fetches. */
  function remember(kid: string | null, choice: KeyChoice): void {
    if (kid === null || source.jwks !== undefined) return
    const before = absent.get(kid)
    absent.delete(kid)
    if (!('none' in choice) || choice.none !== 'unknown') return
    absent.set(kid, absentFrom(freshness, before))
    const [oldest] = absent.keys()
    if (absent.size > MAX_ABSENT_KIDS) absent.delete(oldest!)
  }

  /** What needs nobody to be waited for: the plan is to use the keys, and the set has the last word about this one. */
  function findAtHand(
    request: KeyRequest,
    waitUntil: WaitUntil | undefined,
    nowMs: number | undefined,
  ): KeyAnswer | null {
    const first = plan(nowMs)
    if (first !== 'use' && first !== 'use_and_refresh') return null
    const choice = selectKey(keySet, request)
    if (mayBeOutdated(choice, request)) return null
    if (first === 'use') return toKeyAnswer(choice, lease)
    refreshBehind(waitUntil)
    return toKeyAnswer(choice)
  }

  async function findLater(request: KeyRequest, waitUntil: WaitUntil | undefined): Promise<KeyAnswer> {
    if (!(await makeAvailable(waitUntil))) return unavailable()
    const choice = selectKey(keySet, request)
    if (!mayBeOutdated(choice, request)) return toKeyAnswer(choice)
    const isCurrent = await makeCurrent(request.kid, waitUntil)
    // A key that the held set refuses stays refused, as its good keys stay good, where no newer set can be had.
    if (!isCurrent && !('unusable' in choice)) return unavailable()
    const newer = selectKey(keySet, request)
    remember(request.kid, newer)
    return toKeyAnswer(newer)
  }

  return {
    find: (request, waitUntil, nowMs) =>
      findAtHand(request, waitUntil, nowMs) ?? findLater(request, waitUntil),
    async findNewer(tried, request, waitUntil) {
      if (!(await makeCurrent(null, waitUntil))) return unavailable()
      return untried(toKeyAnswer(selectKey(keySet, request)), tried)
    },
    retryAfterSeconds: () => retryAfterSeconds(freshness, FRESHNESS, ports.now()),
  }
}
