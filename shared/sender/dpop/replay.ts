// Whether a proof was used before. RFC 9449 section 11.1. Called last, only for a proof that is otherwise good, so that
// nobody can use up the `jti` of another client. The memory of the instance knows what this instance has seen; the store
// of a route with `replay: 'strong'` knows what any has.

import type { ResolvedDpop, ResolvedRoute } from '../../config/config.ts'
import { failure, isFailure, type Failure } from '../../failures/failure.ts'
import type { Deadline } from '../../platform/deadline.ts'
import type { Ports } from '../../platform/ports.ts'
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

const ENCODER = new TextEncoder()

export function createReplayCheck({ replay }: ResolvedDpop, ports: Ports): CheckReplay {
  const memory = createReplayMemory(replay.memoryBytes, ports.report)

  async function insert(
    name: Uint8Array,
    until: number,
    { race, waitUntil }: Deadline,
  ): Promise<Failure | null> {
    try {
      const work = ports.replays!.insert(name, until)
      waitUntil(work, 'joining')
      const isNew = await race(work.then((inserted) => ({ isNew: inserted })))
      if (isFailure(isNew)) return isNew
      return isNew.isNew === true ? null : failure('dpop_proof_replayed', { seen_by: 'store' })
    } catch {
      ports.report({ event: 'replay', outcome: 'failed', code: 'store_failed' })
      return failure('replay_unavailable')
    }
  }

  return async ({ thumbprint, jti, until }, route, nowSeconds, deadline) => {
    const name = ports.crypto.sha256!(ENCODER.encode(`${thumbprint}\0${jti}`))
    if (!memory.insert(name, until, nowSeconds))
      return failure('dpop_proof_replayed', { seen_by: 'instance' })
    return route.replay === 'strong' ? insert(name, until, deadline) : null
  }
}
