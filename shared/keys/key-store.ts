// The keys of one issuer, owned by that issuer and shared with no other. Does what freshness.ts says:
// one fetch at a time, behind the answer where that is allowed, and never more than it asks for.
// Promises made here hold for one instance (one isolate, one Lambda sandbox); instances know nothing of each other.

import type { CryptoKey } from 'jose'
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
import { readKeySet, selectKey, type KeySet } from './key-set.ts'

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
  let set: KeySet = { keys: [], refused: [] }
  let freshness: Freshness = NEVER_FETCHED
  let problem = 'not_fetched'
  let inFlight: Promise<void> | null = null
  let started = 0

  function accept(next: KeySet): void {
    set = next
    freshness = fetched(ports.now())
    tell('refreshed', 'ok', next)
  }

  function reject(why: string, next: KeySet = set): void {
    problem = why
    freshness = failed(freshness, ports.now())
    tell('failed', why, next)
  }

  function tell(outcome: 'refreshed' | 'failed', code: string, { refused }: KeySet): void {
    const problems = refused.map((entry) => entry.problem)
    ports.report({
      event: 'keys',
      outcome,
      issuer: issuer.name,
      code,
      keys: set.keys.length,
      refused: problems,
    })
  }

  /** The last to be started has the last word: an older fetch that comes back late changes nothing. */
  async function load(): Promise<void> {
    const mine = ++started
    const answer =
      issuer.keys.jwks === undefined
        ? await fetchKeySet(issuer, ports.fetch)
        : { keys: issuer.keys.jwks.keys }
    const next = 'problem' in answer ? null : await readKeySet(answer.keys, issuer.algorithms)
    if (mine !== started) return
    if ('problem' in answer) return reject(answer.problem)
    if (next!.keys.length === 0) return reject('no_usable_key', next!)
    accept(next!)
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

  const unavailable = (why = problem): Failure => failure('keys_unavailable', { problem: why })

  return {
    async find(kid, algorithm, waitUntil) {
      if (!(await makeAvailable(waitUntil))) return unavailable()
      let choice = selectKey(set, kid, algorithm)
      if ('none' in choice && choice.none === 'unknown' && issuer.keys.jwks === undefined) {
        const plan = planMiss(freshness, FRESHNESS, ports.now())
        if (plan === 'refresh') await refresh(waitUntil)
        if (plan === 'unavailable' || freshness.failedAt !== null) return unavailable()
        choice = selectKey(set, kid, algorithm)
      }
      if ('key' in choice) return choice.key
      return 'none' in choice ? failure(`key_${choice.none}`) : unavailable(choice.unusable)
    },
    retryAfterSeconds: () => retryAfterSeconds(freshness, FRESHNESS, ports.now()),
  }
}
