// Whether a proof was used before. RFC 9449 section 11.1. Called last, only for a proof that is otherwise good, so that
// nobody can use up the `jti` of another client. The memory of the instance knows what this instance has seen; the
// store of a route with `replay: 'strong'` knows what any has (store-check.ts).

import type { ResolvedDpop, ResolvedRoute } from '../../config/config.ts'
import { failure, type Failure } from '../../failures/failure.ts'
import type { Deadline } from '../../platform/deadline.ts'
import type { Ports } from '../../platform/ports.ts'
import { createReplayMemory, type ReplayMemory } from './replay-memory.ts'

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

/** The check of routes with `replay: 'strong'`. `name`: `REPLAY_NAME_BYTES`. */
export type CheckStore = (
  name: Uint8Array,
  until: number,
  nowSeconds: number,
  deadline: Deadline,
) => Promise<Failure | null>

/** The part for these routes. `memory`: what this instance has seen. */
export type CreateStoreCheck = (memory: ReplayMemory, ports: Ports) => CheckStore

const ENCODER = new TextEncoder()

export const replayed = (seenBy: 'instance' | 'store'): Failure =>
  failure('dpop_proof_replayed', { seen_by: seenBy })

/** `createStoreCheck`: needed where a route has `replay: 'strong'`. */
export function createReplayCheck(
  { replay }: ResolvedDpop,
  ports: Ports,
  createStoreCheck: CreateStoreCheck | undefined,
): CheckReplay {
  const memory = createReplayMemory(replay.memoryBytes, ports.report)
  const checkStore = createStoreCheck?.(memory, ports)
  return async ({ thumbprint, jti, until: end }, route, nowSeconds, deadline) => {
    const name = ports.crypto.sha256!(ENCODER.encode(`${thumbprint}\0${jti}`))
    const until = Math.ceil(end)
    if (route.replay === 'strong') return checkStore!(name, until, nowSeconds, deadline)
    return memory.insert(name, until, nowSeconds) ? null : replayed('instance')
  }
}
