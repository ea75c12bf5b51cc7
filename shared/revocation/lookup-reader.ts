// Reads a store by look-ups: the instance asks about one token at a time and remembers the answer. An answer younger
// than `refreshSeconds` is used without asking. While the store is out of reach, an answer is used until it is
// `staleSeconds` old. Without such an answer nothing is allowed. An answer is as old as the request for it.

import type { ResolvedRevocation } from '../config/config.ts'
import { isFailure, type Failure } from '../failures/failure.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { Ports } from '../platform/ports.ts'
import { createSingleFlight, gaveUp } from '../platform/single-flight.ts'
import type { Soon } from '../token/token-reader.ts'
import { keyText } from './entry-keys.ts'
import { createLookupMemory, type Remembered } from './lookup-memory.ts'
import type { Revocable, Strictest } from './revocable.ts'
import type { RevocationReader } from './revocation-part.ts'
import { strictestOf, unavailable } from './strictest.ts'
import { STORE_RETRY_MS, STORE_WAIT_MS } from './waits.ts'

/** How long a request waits that cannot be answered from memory: a new instance loads the store's client first. */
export const FIRST_WAIT_MS = 3 * STORE_WAIT_MS

/** How long a request waits for a store that has failed, where it can be answered from memory. */
export const TRY_AGAIN_MS = STORE_WAIT_MS / 4

/** Whether the store answers, as far as this instance knows. */
interface StoreState {
  /** Whether the last answer was a failure. */
  isFailing(): boolean
  /** Whether it failed just now, so that no request should wait for it. `at`: now. */
  isHeld(at: number): boolean
  /** Lets one request wait, and holds the next ones. */
  hold(at: number): void
  noteSuccess(at: number): void
  noteFailure(at: number, code: string): void
}

function createStoreState(report: Ports['report']): StoreState {
  let isKnown = false
  let failingSince: number | null = null
  let heldAt = 0
  return {
    isFailing: () => failingSince !== null,
    isHeld: (at) => failingSince !== null && at >= heldAt && at - heldAt < STORE_RETRY_MS,
    hold: (at) => void (heldAt = at),
    noteSuccess(at) {
      if (!isKnown) report({ event: 'revocation', outcome: 'loaded', code: 'ok' })
      else if (failingSince !== null) {
        const seconds = Math.max(0, Math.floor((at - failingSince) / 1000))
        report({ event: 'revocation', outcome: 'loaded', code: 'ok', seconds })
      }
      isKnown = true
      failingSince = null
    },
    noteFailure(at, code) {
      if (failingSince === null) report({ event: 'revocation', outcome: 'failed', code })
      isKnown = true
      failingSince ??= at
      heldAt = at
    },
  }
}

export function createLookupReader(
  { refreshSeconds, staleSeconds, memoryBytes }: ResolvedRevocation,
  { revocations, now, report }: Ports,
): RevocationReader {
  const store = revocations!
  const refreshMs = refreshSeconds * 1000
  const staleMs = staleSeconds * 1000
  const memory = createLookupMemory(memoryBytes, staleMs)
  const state = createStoreState(report)
  const flight = createSingleFlight<Remembered | null>(FIRST_WAIT_MS)
  let latest = 0

  /** Now. A clock that was set back does not tell how old an answer is, so the memory is given up. */
  function tick(): number {
    const at = now()
    if (at < latest) memory.clear()
    latest = at
    return at
  }

  const isYounger = (remembered: Remembered | undefined, ms: number, at: number): remembered is Remembered =>
    remembered !== undefined && at - remembered.askedAt < ms && at >= remembered.askedAt

  const look = ({ found }: Remembered, at: number): Strictest => strictestOf(found ?? [], at / 1000)

  /** The answer of the store, which is remembered; `null`: it could not be read. */
  async function ask(revocable: Revocable): Promise<Remembered | null> {
    const askedAt = tick()
    try {
      const found = await store.find(revocable.keys)
      const remembered = { found: found.every((times) => times === null) ? null : found, askedAt }
      const at = tick()
      state.noteSuccess(at)
      // An answer that was asked for in the future, by a clock that was ahead, would hide every later one.
      if (askedAt <= at) memory.set(revocable, remembered)
      return remembered
    } catch {
      const at = now()
      // An instance that was frozen meanwhile has not learned anything about the store.
      if (at - askedAt < 2 * FIRST_WAIT_MS) state.noteFailure(at, 'store_unreachable')
      return null
    }
  }

  /** The answer of some work, or why there is none in time. */
  async function wait(
    work: Promise<Remembered | null>,
    waitMs: number,
    deadline: Deadline,
  ): Promise<Remembered | Failure> {
    const result = await deadline.race(Promise.race([work, gaveUp(waitMs)]))
    if (result === null) return unavailable('store_unreachable')
    if (result !== 'gave_up') return result
    state.noteFailure(now(), 'timeout')
    return unavailable('timeout')
  }

  /** Asks for this request alone: an answer to an earlier request may have been read before it. */
  async function askNow(revocable: Revocable, deadline: Deadline): Promise<Strictest | Failure> {
    const work = ask(revocable)
    deadline.waitUntil(work)
    const result = await wait(work, FIRST_WAIT_MS, deadline)
    return isFailure(result) ? result : look(result, now())
  }

  /** Asks where the memory is too old. It still answers if the store does not, unless it is older than `staleMs`. */
  async function renew(
    revocable: Revocable,
    isUsable: boolean,
    deadline: Deadline,
  ): Promise<Strictest | Failure> {
    const again = isUsable && state.isFailing()
    if (again) state.hold(latest)
    const asked = revocable.keys.map(keyText).join()
    const work = flight.run(asked, () => ask(revocable), deadline.waitUntil)
    const waitMs = again ? TRY_AGAIN_MS : isUsable ? STORE_WAIT_MS : FIRST_WAIT_MS
    const result = await wait(work, waitMs, deadline)
    const at = tick()
    // A request that joined another one gets an answer as old as the question of that one. The function may have been
    // frozen since.
    if (!isFailure(result))
      return isYounger(result, staleMs, at) ? look(result, at) : askNow(revocable, deadline)
    const remembered = memory.get(revocable)
    return isYounger(remembered, staleMs, at) ? look(remembered, at) : result
  }

  return {
    find(revocable, isStrong, deadline): Soon<Strictest | Failure> {
      const at = tick()
      if (isStrong) return askNow(revocable, deadline)
      const remembered = memory.get(revocable)
      const isUsable = isYounger(remembered, staleMs, at)
      if (isUsable && (isYounger(remembered, refreshMs, at) || state.isHeld(at))) return look(remembered, at)
      return renew(revocable, isUsable, deadline)
    },
  }
}
