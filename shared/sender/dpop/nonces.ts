// The nonces of proofs: without state, so that every instance with the same secret makes and accepts the same.
// RFC 9449 sections 8, 9 and 11.3.

import type { ResolvedDpop } from '../../config/config.ts'
import type { Failure } from '../../failures/failure.ts'
import type { Deadline } from '../../platform/deadline.ts'
import type { Ports, WaitUntil } from '../../platform/ports.ts'
import type { Soon } from '../../token/token-reader.ts'

/** What a nonce says: whether it is accepted, until when, and the nonce to send instead. */
export interface NonceCheck {
  /**
   * Seconds since the epoch after which no instance accepts the nonce, however its clock differs; `null`: it is not
   * accepted.
   */
  readonly until: number | null
  /** The nonce for the next proof; `null`: the one of the proof is still current. */
  readonly next: string | null
}

export interface Nonces {
  /** Checks the nonce of a proof; `undefined`: it has none. `nowSeconds`: since the epoch. */
  check(nonce: string | undefined, nowSeconds: number, deadline: Deadline): Soon<NonceCheck | Failure>
  /**
   * The current nonce; `null` until the secret has been loaded. Loads it in the background, so that an answer to a
   * request without a proof waits for nothing. After `check` it is never `null`.
   */
  current(nowSeconds: number, waitUntil: WaitUntil): string | null
}

export type CreateNonces = (config: NonNullable<ResolvedDpop['nonce']>, ports: Ports) => Nonces
