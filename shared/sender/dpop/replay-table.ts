// Names of used proofs in one typed array, which is one object to the garbage collector however many names it has. Open
// addressing: D. E. Knuth, The Art of Computer Programming, volume 3, section 6.4 (linear probing).
//
// It holds the first 128 bits of a name. Where two names agree in them, a good proof is refused, and no used one is
// accepted. Nobody can bring that about for the proof of another client: it would be a second preimage of 128 bits of
// SHA-256. A name is as good as random, so its first word is its hash.

/** Four words of the name, and `until`. A slot whose `until` is 0 is free. */
const WORDS = 5
export const SLOT_BYTES = 4 * WORDS
const UNTIL = 4

/** A new table has more slots than half of this, or all that it may have. */
const LEAST_SLOTS = 128

/** A table that is fuller is replaced by one of twice the size. */
const MAX_LOAD = 0.75

/** A name and its `until`, as a slot has them. */
export type ReplayEntry = Uint32Array<ArrayBuffer>

/** `until`: seconds since the epoch, up to 2^32 - 1. */
export function toReplayEntry(name: Uint8Array, until: number): ReplayEntry {
  const view = new DataView(name.buffer, name.byteOffset)
  return Uint32Array.of(
    view.getUint32(0),
    view.getUint32(4),
    view.getUint32(8),
    view.getUint32(12),
    Math.min(Math.max(Math.ceil(until), 1), 0xffff_ffff),
  )
}

export interface ReplayTable {
  has(entry: ReplayEntry): boolean
  /** Adds an entry whose name is absent. `false`: there is no room. */
  add(entry: ReplayEntry): boolean
  /** The `until` that was added first, and the latest one; 0: the table is empty. */
  first(): number
  latest(): number
  /** How many entries have this `until` or a later one. */
  countFrom(until: number): number
  bytes(): number
}

/** Most entries of a table. */
export const capacityOf = (maxSlots: number): number => Math.floor(maxSlots * MAX_LOAD)

/** It has no slot before the first name. While a table replaces a smaller one, there are both: one and a half times. */
export function createReplayTable(maxSlots: number): ReplayTable {
  /** How often the number of slots can still be doubled. */
  let doublings = Math.max(0, Math.ceil(Math.log2(maxSlots / LEAST_SLOTS)))
  let slots = 0
  let words = new Uint32Array(0)
  let names = 0
  let first = 0
  let latest = 0

  /** Where the name of an entry is, or the free slot where it belongs. */
  function find(entries: ReplayEntry, from: number): number {
    let slot = Math.floor((entries[from]! / 0x1_0000_0000) * slots)
    for (;;) {
      const at = slot * WORDS
      if (
        words[at + UNTIL] === 0 ||
        (words[at] === entries[from] &&
          words[at + 1] === entries[from + 1] &&
          words[at + 2] === entries[from + 2] &&
          words[at + 3] === entries[from + 3])
      )
        return at
      slot = slot + 1 === slots ? 0 : slot + 1
    }
  }

  /** `false`: it cannot have more slots. */
  function grow(): boolean {
    if (slots === maxSlots) return false
    const old = words
    if (slots > 0) doublings--
    slots = Math.floor(maxSlots / 2 ** doublings)
    words = new Uint32Array(slots * WORDS)
    for (let from = 0; from < old.length; from += WORDS)
      if (old[from + UNTIL] !== 0) words.set(old.subarray(from, from + WORDS), find(old, from))
    return true
  }

  return {
    has: (entry) => slots > 0 && words[find(entry, 0) + UNTIL] !== 0,
    add(entry) {
      if (names >= capacityOf(slots) && !grow()) return false
      words.set(entry, find(entry, 0))
      if (names++ === 0) first = entry[UNTIL]!
      latest = Math.max(latest, entry[UNTIL]!)
      return true
    },
    first: () => first,
    latest: () => latest,
    countFrom(until) {
      let count = 0
      for (let at = UNTIL; at < words.length; at += WORDS) if (words[at]! > 0 && words[at]! >= until) count++
      return count
    },
    bytes: () => words.byteLength,
  }
}
