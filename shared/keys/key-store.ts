// The keys of one issuer, which no other issuer shares. freshness.ts says when they are used and when they are fetched:
// before the answer, or in the background where that is allowed. An instance (one isolate, one Lambda sandbox) has its
// own store.

import { failure, type Failure } from '../failures/failure.ts'
import type {
  CachedKeys,
  KeyCache,
  KeysReport,
  Ports,
  VerificationKey,
  WaitUntil,
} from '../platform/ports.ts'
import { gaveUp } from '../platform/single-flight.ts'
import { createAbsentKids } from './absent-kids.ts'
import {
  failed,
  fetched,
  freshSpan,
  FRESHNESS,
  NEVER_FETCHED,
  planKeys,
  planMiss,
  retryAfterSeconds,
  settle,
  type Freshness,
  type KeyPlan,
} from './freshness.ts'
import { fetchKeySet, keyFetchMs, type Exchange, type PublicKeyIssuer } from './key-endpoint.ts'
import { createKeyRefresh } from './key-refresh.ts'
import { NO_KEYS, problemsOf, readKeySet, type KeySet } from './key-set.ts'
import type { KeyType } from './key-types/key-type.ts'
import {
  mayBeOutdated,
  selectKey,
  toKeyAnswer,
  withoutTried,
  type KeyAnswer,
  type KeyRequest,
} from './select-key.ts'
import type { SHARED_KEYS } from './shared-key-cache.ts'

export interface KeyStore {
  /**
   * The key that may verify a token with this `kid`, `alg` and owner, or why there is none; without a `kid`, the few
   * to try (`MAX_TRIED_KEYS`). `waitUntil` keeps a refresh alive that outlasts the request; without it nothing does.
   * Returns no promise if the store has a key that is fresh enough. `nowMs`: the time, if the caller has just read it.
   */
  find(request: KeyRequest, waitUntil?: WaitUntil, nowMs?: number): KeyAnswer | Promise<KeyAnswer>
  /**
   * The keys to try next for a token without a `kid` that no key of `tried` verifies, because the issuer may have
   * replaced its keys. Fetches at most once per cool-down. No keys if the newer key set has no others.
   */
  findNewer(tried: readonly VerificationKey[], request: KeyRequest, waitUntil?: WaitUntil): Promise<KeyAnswer>
  /** Seconds until another fetch is worth trying. */
  retryAfterSeconds(): number
  /** Loads published keys before a token needs them, if they are not fresh. */
  prepare?(waitUntil?: WaitUntil): Promise<unknown>
  /** Whether a fetch has succeeded or failed, or keys of another instance were adopted. */
  hasSettled?(): boolean
}

/** The ports, the types of the keys that may be used, and what `ports.keyCache` needs. */
export type KeyPorts = Ports & {
  readonly keyTypes: readonly KeyType[]
  readonly sharedKeys?: typeof SHARED_KEYS | undefined
}

/** Creates the store of an issuer: a slot for each source of keys. */
export type CreateKeyStore = (issuer: PublicKeyIssuer, ports: KeyPorts) => KeyStore

/** The result of one fetch. `problem`: why its keys cannot replace the keys in use. */
interface FetchResult {
  readonly problem: string | null
  readonly keySet: KeySet
  readonly published: readonly unknown[]
  /** `null` if the keys are in the configuration. */
  readonly exchange: Exchange | null
}

/** A lease from the time when keys are fresh until the time when they no longer are. */
const leaseFor = (freshness: Freshness) => ({ ...freshSpan(freshness, FRESHNESS), isOver: false })

export function createKeyStore(issuer: PublicKeyIssuer, ports: KeyPorts): KeyStore {
  const { source, algorithms } = issuer.keys
  const { sharedKeys } = ports
  const reading = { allowed: algorithms, keyTypes: ports.keyTypes, crypto: ports.crypto }
  const isPublished = source.jwks === undefined
  const sharedCache = isPublished && sharedKeys !== undefined ? ports.keyCache : undefined
  const absentKids = createAbsentKids()
  let keySet = NO_KEYS
  let freshness: Freshness = NEVER_FETCHED
  let lease = leaseFor(freshness)
  let problem = 'not_fetched'
  let sharedCacheLoad: Promise<void> | 'done' | null = null

  /** Every state change ends the leases on keys. */
  function setState(newFreshness: Freshness, newKeySet: KeySet): void {
    lease.isOver = true
    freshness = newFreshness
    keySet = newKeySet
    lease = leaseFor(freshness)
  }

  const report = (
    outcome: KeysReport['outcome'],
    code: string,
    read: KeySet,
    exchange: Exchange | null,
  ): void =>
    ports.report({
      event: 'keys',
      outcome,
      issuer: issuer.name,
      code,
      keys: keySet.keys.length,
      refused: problemsOf(read),
      ...exchange,
    })

  async function fetchOnce(): Promise<FetchResult> {
    const { jwks } = source
    const answer = jwks === undefined ? await fetchKeySet(issuer, ports) : { ...jwks, exchange: null }
    if ('problem' in answer) {
      const { problem: name, ...exchange } = answer
      return { problem: name, keySet: NO_KEYS, published: [], exchange }
    }
    const { keys: published, exchange } = answer
    const read = await readKeySet(published, reading, keySet)
    return { problem: read.keys.length === 0 ? 'no_usable_key' : null, keySet: read, published, exchange }
  }

  /** Returns what publishes the keys to other instances. */
  function apply(result: FetchResult): (() => Promise<void>) | null {
    const now = ports.now()
    if (result.problem !== null) {
      problem = result.problem
      setState(failed(freshness, now), keySet)
      report('failed', problem, result.keySet, result.exchange)
      return null
    }
    setState(fetched(now), result.keySet)
    report('refreshed', 'ok', result.keySet, null)
    if (sharedCache === undefined) return null
    const published: CachedKeys = { keys: result.published, fetchedAt: now }
    return () => sharedKeys!.publish(sharedCache, issuer, published)
  }

  // As long as a fetch takes, and a little for the scheduler.
  const refresh = createKeyRefresh(fetchOnce, apply, keyFetchMs(issuer.keys) + 500)

  /** No request waits for this refresh, so its rejection is ignored. */
  const refreshBehind = (waitUntil: WaitUntil | undefined): void => void refresh(waitUntil).catch(() => {})

  async function load(from: KeyCache): Promise<void> {
    const shared = await sharedKeys!.load(from, issuer, reading, ports.now)
    if (shared === null || freshness.fetchedAt !== null) return
    setState(fetched(shared.fetchedAt), shared.keySet)
    report('adopted', 'ok', shared.keySet, null)
  }

  const plan = (now = ports.now()): KeyPlan => {
    const settled = settle(freshness, FRESHNESS, now)
    if (settled !== freshness) setState(settled, keySet)
    return planKeys(freshness, FRESHNESS, now)
  }

  async function makeAvailable(waitUntil: WaitUntil | undefined): Promise<boolean> {
    if (sharedCache !== undefined && freshness.fetchedAt === null && sharedCacheLoad !== 'done') {
      sharedCacheLoad ??= load(sharedCache)
      await Promise.race([sharedCacheLoad, gaveUp(sharedKeys!.waitMs)])
      sharedCacheLoad = 'done'
    }
    const first = plan()
    if (first === 'use_and_refresh') refreshBehind(waitUntil)
    if (first === 'refresh' || first === 'refresh_or_use') await refresh(waitUntil)
    const then = plan()
    return then !== 'unavailable' && then !== 'refresh'
  }

  const unavailable = (): Failure => failure('keys_unavailable', { problem })

  /** Whether the key set is as new as it may be. Fetches another one if enough time has passed. */
  async function makeCurrent(kid: string | null, waitUntil: WaitUntil | undefined): Promise<boolean> {
    if (!isPublished) return true
    const absence = kid === null ? undefined : absentKids.get(kid)
    const miss = planMiss(freshness, FRESHNESS, ports.now(), absence)
    if (miss === 'refresh') await refresh(waitUntil)
    return miss !== 'unavailable' && freshness.failedAt === null
  }

  /** The answer that needs no wait: the keys may be used, and no newer key set could have a better key. Else `null`. */
  function findNow(
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
    const { kid } = request
    const isCurrent = await makeCurrent(kid, waitUntil)
    // If no newer key set can be fetched, tokens of a key that may not be used stay refused, and others get 503.
    if (!isCurrent && !('unusable' in choice)) return unavailable()
    const newer = selectKey(keySet, request)
    const isUnknown = 'none' in newer && newer.none === 'unknown'
    if (kid !== null && isPublished) absentKids.record(kid, isUnknown, freshness)
    return toKeyAnswer(newer)
  }

  return {
    find: (request, waitUntil, nowMs) => findNow(request, waitUntil, nowMs) ?? findLater(request, waitUntil),
    async findNewer(tried, request, waitUntil) {
      if (!(await makeCurrent(null, waitUntil))) return unavailable()
      return withoutTried(toKeyAnswer(selectKey(keySet, request)), tried)
    },
    retryAfterSeconds: () => retryAfterSeconds(freshness, FRESHNESS, ports.now()),
    prepare: async (waitUntil) => isPublished && makeAvailable(waitUntil),
    hasSettled: () => freshness !== NEVER_FETCHED,
  }
}
