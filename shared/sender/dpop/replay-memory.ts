// The used proofs that one instance remembers, in bounded memory: two generations of names. The older one is dropped
// once all of its names have expired and the younger one has begun to expire, or when there is no room for another
// name. Names that could still be used again are then forgotten, which is reported.

import type { Ports } from '../../platform/ports.ts'
import { createReplayTable, SLOT_BYTES, toReplayEntry } from './replay-table.ts'

export interface ReplayMemory {
  /** Whether a name is remembered. `name`: `REPLAY_NAME_BYTES`. */
  has(name: Uint8Array): boolean
  /** Inserts a name if it is absent, and returns whether it was absent. `until`, `nowSeconds`: since the epoch. */
  insert(name: Uint8Array, until: number, nowSeconds: number): boolean
  /** Bytes of the names. */
  bytes(): number
}

/** The most that there is at once: the older generation, the younger one, and half of it while it grows. */
const MAX_TABLES = 2.5

/** A clock may be set back by so many seconds before a name that had expired could be used again. */
export const CLOCK_BACK_SECONDS = 60

/** Slots of one generation. */
export const slotsOf = (memoryBytes: number): number => Math.floor(memoryBytes / SLOT_BYTES / MAX_TABLES)

/** `report`: told when names that could still be used again are dropped (`replay_memory_full`). */
export function createReplayMemory(memoryBytes: number, report: Ports['report']): ReplayMemory {
  const maxSlots = slotsOf(memoryBytes)
  let old = createReplayTable(maxSlots)
  let young = createReplayTable(maxSlots)

  const isExpired = (until: number, nowSeconds: number): boolean => until + CLOCK_BACK_SECONDS < nowSeconds

  function turn(): void {
    old = young
    young = createReplayTable(maxSlots)
  }

  function drop(nowSeconds: number): void {
    const dropped = old.countFrom(nowSeconds)
    if (dropped > 0) report({ event: 'replay', outcome: 'full', code: 'replay_memory_full', dropped })
    turn()
  }

  function has(name: Uint8Array): boolean {
    const entry = toReplayEntry(name, 0)
    return young.has(entry) || old.has(entry)
  }

  return {
    has,
    insert(name, until, nowSeconds) {
      if (has(name)) return false
      if (isExpired(Math.max(old.latest(), young.first()), nowSeconds)) turn()
      const entry = toReplayEntry(name, until)
      if (!young.add(entry)) {
        drop(nowSeconds)
        young.add(entry)
      }
      return true
    },
    bytes: () => old.bytes() + young.bytes(),
  }
}
