// Whether a proof was used before. RFC 9449 section 11.1. Called last, only for a proof that is otherwise good, so that
// nobody can use up the `jti` of another client. The memory of the instance knows what this instance has seen; the store
// of a route with `replay: 'strong'` knows what any has. Refuses where the store does not tell.

import type { ResolvedDpop, ResolvedRoute } from '../../config/config.ts'
import { failure, isFailure, type Failure } from '../../failures/failure.ts'
import type { Deadline } from '../../platform/deadline.ts'
import type { Ports } from '../../platform/ports.ts'
import { gaveUp } from '../../platform/single-flight.ts'
import { STORE_WAIT_MS } from '../../revocation/waits.ts'
import { createReplayMemory } from './replay-memory.ts'

/** A proof, and until when it could be used again, in seconds since the epoch. */
export interface UsedProof {
  readonly thumbprint: string
  readonly jti: string
  readonly until: number
}

/** Remembers a proof, and refuses it if it was used before. */
export type CheckReplay = (
  proof: UsedProof,
  route: Pick<ResolvedRoute, 'replay'>,
  nowSeconds: number,
  deadline: Deadline,
) => Promise<Failure | null>

/** How long requests wait for the store until it has answered once: a new instance loads its client first. */
export const FIRST_REPLAY_WAIT_MS = 3 * STORE_WAIT_MS

const ENCODER = new TextEncoder()

const replayed = (seenBy: 'instance' | 'store'): Failure =>
  failure('dpop_proof_replayed', { seen_by: seenBy })

export function createReplayCheck({ replay }: ResolvedDpop, ports: Ports): CheckReplay {
  const memory = createReplayMemory(replay.memoryBytes, ports.report)
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
   * The memory has no proof before the store has answered. A proof that was refused with 503 was not accepted, so that a
   * client which repeats the request unchanged is not told that somebody used its proof, unless the store has it.
   */
  async function checkStrongly(
    name: Uint8Array,
    until: number,
    nowSeconds: number,
    deadline: Deadline,
  ): Promise<Failure | null> {
    if (memory.has(name)) return replayed('instance')
    const isNew = await insert(name, until, deadline)
    if (typeof isNew !== 'boolean') return isNew
    const isNewHere = memory.insert(name, until, nowSeconds)
    if (!isNew) return replayed('store')
    return isNewHere ? null : replayed('instance')
  }

  return async ({ thumbprint, jti, until: end }, route, nowSeconds, deadline) => {
    const name = ports.crypto.sha256!(ENCODER.encode(`${thumbprint}\0${jti}`))
    const until = Math.ceil(end)
    if (route.replay === 'strong') return checkStrongly(name, until, nowSeconds, deadline)
    return memory.insert(name, until, nowSeconds) ? null : replayed('instance')
  }
}
