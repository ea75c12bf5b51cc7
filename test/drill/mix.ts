// Selects the token of the next request at random, from a seed, so that a run can be repeated.

import type { DrillToken } from './wallet.ts'

/** Numbers from 0 up to 1 (mulberry32). Not for secrets. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Wallet {
  /** Oldest first. */
  readonly good: readonly DrillToken[]
  readonly hostile: readonly DrillToken[]
}

/** Every fourth quarter of a minute of the fast clock is a burst, in phases that have bursts. */
const BURST_MS = 15_000
const isBurst = (fastMs: number): boolean => Math.floor(fastMs / BURST_MS) % 4 === 0
const BURST_SHARE = 0.5
const HOSTILE_SHARE = 0.3
/** Most good tokens are from the last two times that tokens were issued; the others may name keys removed long ago. */
const RECENT = 4
const RECENT_SHARE = 0.75

export type Pick = DrillToken | 'unknown kid'

export function pickToken(
  { good, hostile }: Wallet,
  { bursts, fastMs }: { readonly bursts: boolean; readonly fastMs: number },
  random: () => number,
): Pick {
  if (bursts && isBurst(fastMs) && random() < BURST_SHARE) return 'unknown kid'
  const recent = random() < RECENT_SHARE ? good.slice(-RECENT) : good
  const from = random() < HOSTILE_SHARE ? hostile : recent
  return from[Math.floor(random() * from.length)]!
}
