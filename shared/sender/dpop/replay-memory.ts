// The used proofs that one instance remembers, in bounded memory. Two generations: a full younger one becomes the older
// one, and the older one is dropped. Names that could still be used again are then forgotten, which is reported.

import type { Ports } from '../../platform/ports.ts'

export interface ReplayMemory {
  /** Inserts a name if it is absent, and returns whether it was absent. `until`, `nowSeconds`: since the epoch. */
  insert(name: Uint8Array, until: number, nowSeconds: number): boolean
}

/** A name as text of 32 characters in a Map, with its time. */
const ENTRY_BYTES = 128

/** `report`: told when names that could still be used again are dropped (`replay_memory_full`). */
export function createReplayMemory(memoryBytes: number, report: Ports['report']): ReplayMemory {
  const most = Math.floor(memoryBytes / ENTRY_BYTES / 2)
  let young = new Map<string, number>()
  let old = new Map<string, number>()

  function turn(nowSeconds: number): void {
    let dropped = 0
    for (const until of old.values()) if (until >= nowSeconds) dropped++
    if (dropped > 0) report({ event: 'replay', outcome: 'full', code: 'replay_memory_full', dropped })
    old = young
    young = new Map()
  }

  return {
    insert(name, until, nowSeconds) {
      const key = String.fromCharCode(...name)
      if (young.has(key) || old.has(key)) return false
      if (young.size >= most) turn(nowSeconds)
      young.set(key, until)
      return true
    },
  }
}
