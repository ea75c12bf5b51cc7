// The keys of one issuer, owned by that issuer and shared with no other. Does what freshness.ts says:
// one fetch at a time, behind the answer where that is allowed, and never more than it asks for.
// Promises made here hold for one instance (one isolate, one Lambda sandbox); instances know nothing of each other.

import type { ResolvedIssuer } from '../config/config.ts'
import { failure, type Failure } from '../failure.ts'
import type { Ports, WaitUntil } from '../ports.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import {
  failed,
  fetched,
  FRESHNESS,
  NEVER_FETCHED,
  planKeys,
  planMiss,
  retryAfterSeconds,
  type Freshness,
} from './freshness.ts'
import { fetchKeySet, KEY_FETCH_TIMEOUT_MS } from './key-endpoint.ts'
import { readKeySet, selectKey, type KeySet, type UsableKey } from './key-set.ts'

export interface KeyStore {
  /**
   * The key that may verify a token with this `kid` and `alg`, or why there is none. `waitUntil` keeps a
   * refresh alive that outlasts the request; without it a refresh is simply left running.
   */
  find(kid: string | null, algorithm: SignatureAlgorithm, waitUntil?: WaitUntil): Promise<CryptoKey | Failure>
  /** Seconds until it is worth asking again. */
  retryAfterSeconds(): number
}

/** Two documents at most, each with its own timeout, and a little for the scheduler. */
const WAIT_MS = 2 * KEY_FETCH_TIMEOUT_MS + 500

const gaveUp = (ms: number): Promise<'gave_up'> =>
  new Promise((resolve) => AbortSignal.timeout(ms).addEventListener('abort', () => resolve('gave_up')))

export function createKeyStore(issuer: ResolvedIssuer, ports: Ports): KeyStore {
  let keys: readonly UsableKey[] = []
  let freshness: Freshness = NEVER_FETCHED
  let problem = 'not_fetched'
  let inFlight: Promise<void> | null = null

  function accept(set: KeySet): void {
    keys = set.keys
    freshness = fetched(ports.now())
    ports.report({
      event: 'keys',
      outcome: 'refreshed',
      issuer: issuer.name,
      code: 'ok',
      keys: keys.length,
      refused: set.refused,
    })
  }

  function reject(why: string, refused: KeySet['refused'] = []): void {
    problem = why
    freshness = failed(freshness, ports.now())
    ports.report({
      event: 'keys',
      outcome: 'failed',
      issuer: issuer.name,
      code: why,
      keys: keys.length,
      refused,
    })
  }

  async function load(): Promise<void> {
    const answer =
      issuer.keys.jwks === undefined
        ? await fetchKeySet(issuer, ports.fetch)
        : { keys: issuer.keys.jwks.keys }
    if ('problem' in answer) return reject(answer.problem)
    const set = await readKeySet(answer.keys, issuer.algorithms)
    if (set.keys.length === 0) return reject('no_usable_key', set.refused)
    accept(set)
  }

  function start(waitUntil: WaitUntil | undefined): Promise<void> {
    const work = load().finally(() => {
      if (inFlight === work) inFlight = null
    })
    inFlight = work
    waitUntil?.(work)
    return work
  }

  /** Joins the fetch that is under way, or starts one. A joined fetch that never ends is replaced once. */
  async function refresh(waitUntil: WaitUntil | undefined): Promise<void> {
    const joined = inFlight
    if (joined === null) return start(waitUntil)
    try {
      if ((await Promise.race([joined, gaveUp(WAIT_MS)])) !== 'gave_up') return
    } catch {
      // On Workers, a promise of a request that has ended cannot be awaited.
    }
    return inFlight === joined || inFlight === null ? start(waitUntil) : inFlight
  }

  async function makeAvailable(waitUntil: WaitUntil | undefined): Promise<boolean> {
    const plan = planKeys(freshness, FRESHNESS, ports.now())
    if (plan === 'use_and_refresh') void refresh(waitUntil)
    if (plan === 'refresh' || plan === 'refresh_or_use') await refresh(waitUntil)
    return plan !== 'unavailable' && (plan !== 'refresh' || freshness.failedAt === null)
  }

  const unavailable = (): Failure => failure('keys_unavailable', { problem })

  return {
    async find(kid, algorithm, waitUntil) {
      if (!(await makeAvailable(waitUntil))) return unavailable()
      let choice = selectKey(keys, kid, algorithm)
      if (choice === 'unknown' && issuer.keys.jwks === undefined) {
        const plan = planMiss(freshness, FRESHNESS, ports.now())
        if (plan === 'refresh') await refresh(waitUntil)
        if (plan === 'unavailable' || freshness.failedAt !== null) return unavailable()
        choice = selectKey(keys, kid, algorithm)
      }
      switch (choice) {
        case 'unknown':
          return failure('key_unknown')
        case 'mismatch':
          return failure('key_mismatch')
        case 'ambiguous':
          return failure('key_ambiguous')
        default:
          return choice
      }
    },
    retryAfterSeconds: () => retryAfterSeconds(freshness, FRESHNESS, ports.now()),
  }
}
