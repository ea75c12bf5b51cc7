// The check for used proofs on routes with `replay: 'strong'`: the store that all instances share is asked. RFC 9449
// section 11.1. Refuses with 503 where the store does not tell in time.

import { failure, isFailure, type Failure } from '../../failures/failure.ts'
import type { Deadline } from '../../platform/deadline.ts'
import { gaveUp } from '../../platform/single-flight.ts'
import { STORE_WAIT_MS } from '../../revocation/waits.ts'
import { replayed, type CreateStoreCheck } from './replay.ts'

/** How long requests wait for the store until it has answered once: a new instance loads its client first. */
export const FIRST_REPLAY_WAIT_MS = 3 * STORE_WAIT_MS

export const createStoreCheck: CreateStoreCheck = (memory, ports) => {
  let waitMs = FIRST_REPLAY_WAIT_MS
  let isFailing = false

  function unavailable(why: 'timeout' | 'store_failed'): Failure {
    if (!isFailing) ports.report({ event: 'replay', outcome: 'failed', code: why })
    isFailing = true
    return failure('replay_unavailable', { why })
  }

  /** Whether the store had no such proof. */
  async function insert(name: Uint8Array, until: number, deadline: Deadline): Promise<boolean | Failure> {
    try {
      const work = ports.replays!.insert(name, until).then((isNew: unknown) => ({ isNew }))
      const inTime = Promise.race([work, gaveUp(waitMs)])
      // Not the work itself: a Lambda function waits for what it is given here before it answers.
      deadline.waitUntil(inTime.catch(() => {}))
      const answer = await deadline.race(inTime)
      if (answer === 'gave_up') return unavailable('timeout')
      if (isFailure(answer)) return answer
      if (typeof answer.isNew !== 'boolean') return unavailable('store_failed')
      isFailing = false
      waitMs = STORE_WAIT_MS
      return answer.isNew
    } catch {
      return unavailable('store_failed')
    }
  }

  /**
   * The memory has no proof before the store has answered. A proof that was refused with 503 was not accepted, so that
   * a client which repeats the request unchanged is not told that somebody used its proof, unless the store has it.
   */
  return async (name, until, nowSeconds, deadline) => {
    if (memory.has(name)) return replayed('instance')
    const isNew = await insert(name, until, deadline)
    if (typeof isNew !== 'boolean') return isNew
    const isNewHere = memory.insert(name, until, nowSeconds)
    if (!isNew) return replayed('store')
    return isNewHere ? null : replayed('instance')
  }
}
