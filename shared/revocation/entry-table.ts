// The entries that an isolate has in memory: a hash table in one typed array, so that a million entries are one object
// to the garbage collector and a look-up takes as long with one entry as with a million. It holds the first 12 bytes of
// a key. D. E. Knuth, The Art of Computer Programming, volume 3, section 6.4 (linear probing). It has no clock.

import type { EntryKey, EntryTimes } from './entry.ts'
import { CHANGE_BYTES } from './store.ts'

/** Three words of the key, `notBefore` and `until`. A slot whose `until` is 0 is free. */
const WORDS = 5
const SLOT_BYTES = WORDS * 4
const NOT_BEFORE = 3
const UNTIL = 4

const LEAST_SLOTS = 64
/** A table that is fuller is replaced by a larger one. */
const MAX_LOAD = 0.8
/** How full a new table is. */
const NEW_LOAD = 0.6

/** An entry that was removed keeps its slot, so that those behind it are still found. */
const REMOVED = 1

export interface EntryTable {
  /** The times of the entry under a key; `undefined`: there is none. */
  find(key: EntryKey): EntryTimes | undefined
  /**
   * Applies packed changes (`RevocationChanges.changes`). `now`: seconds; entries that ended before it may be dropped.
   * `false`: there was no room, and the table holds nothing any more.
   */
  apply(changes: Uint8Array, now: number): boolean
  /** Makes room for a number of entries at once. `false`: there is not that much. */
  reserve(entries: number): boolean
  clear(): void
  /** The number of entries, and the bytes of the table. */
  size(): { readonly entries: number; readonly bytes: number }
}

const slotsFor = (entries: number): number => Math.max(LEAST_SLOTS, Math.ceil(entries / NEW_LOAD))

/** `maxBytes`: of the table. While a larger one replaces it, there are both. */
export function createEntryTable(maxBytes: number): EntryTable {
  const maxSlots = Math.floor(maxBytes / SLOT_BYTES)
  let slots = 0
  let words = new Uint32Array(0)
  /** Slots that are not free, removed entries included. */
  let used = 0
  let entries = 0

  /** The slot of a key, or the free slot where it belongs. */
  function slotOf(high: number, middle: number, low: number): number {
    // A key is as good as random, so its first word spreads over the table as it is.
    let slot = Math.floor((high / 0x1_0000_0000) * slots)
    for (;;) {
      const at = slot * WORDS
      if (words[at + UNTIL] === 0) return at
      if (words[at] === high && words[at + 1] === middle && words[at + 2] === low) return at
      slot = slot + 1 === slots ? 0 : slot + 1
    }
  }

  function put(high: number, middle: number, low: number, notBefore: number, until: number): void {
    const at = slotOf(high, middle, low)
    if (words[at + UNTIL] === 0) {
      used++
      words[at] = high
      words[at + 1] = middle
      words[at + 2] = low
    } else if (words[at + NOT_BEFORE] !== 0) entries--
    words[at + NOT_BEFORE] = notBefore
    words[at + UNTIL] = until
    if (notBefore !== 0) entries++
  }

  /** A new table with room for `wanted` entries, without those that were removed or ended before `now`. */
  function rebuild(wanted: number, now: number): boolean {
    const wantedSlots = Math.min(slotsFor(wanted), maxSlots)
    if (wantedSlots * MAX_LOAD < wanted) return false
    const old = words
    slots = wantedSlots
    words = new Uint32Array(slots * WORDS)
    used = 0
    entries = 0
    for (let at = 0; at < old.length; at += WORDS)
      if (old[at + NOT_BEFORE] !== 0 && old[at + UNTIL]! >= now)
        put(old[at]!, old[at + 1]!, old[at + 2]!, old[at + NOT_BEFORE]!, old[at + UNTIL]!)
    return true
  }

  function countCurrent(now: number): number {
    let current = 0
    for (let at = 0; at < words.length; at += WORDS)
      if (words[at + NOT_BEFORE] !== 0 && words[at + UNTIL]! >= now) current++
    return current
  }

  function clear(): void {
    slots = 0
    words = new Uint32Array(0)
    used = 0
    entries = 0
  }

  return {
    find(key) {
      if (entries === 0) return undefined
      const view = new DataView(key.buffer, key.byteOffset, key.byteLength)
      const at = slotOf(view.getUint32(0), view.getUint32(4), view.getUint32(8))
      const notBefore = words[at + NOT_BEFORE]!
      return words[at + UNTIL] === 0 || notBefore === 0 ? undefined : { notBefore, until: words[at + UNTIL]! }
    },
    apply(changes, now) {
      const count = Math.floor(changes.byteLength / CHANGE_BYTES)
      if (used + count > slots * MAX_LOAD && !rebuild(countCurrent(now) + count, now)) {
        clear()
        return false
      }
      const view = new DataView(changes.buffer, changes.byteOffset, changes.byteLength)
      for (let at = 0; at + CHANGE_BYTES <= changes.byteLength; at += CHANGE_BYTES) {
        const notBefore = view.getUint32(at + 12)
        put(
          view.getUint32(at),
          view.getUint32(at + 4),
          view.getUint32(at + 8),
          notBefore,
          notBefore === 0 ? REMOVED : Math.max(REMOVED, view.getUint32(at + 16)),
        )
      }
      return true
    },
    reserve: (wanted) => wanted <= slots * MAX_LOAD || rebuild(Math.max(wanted, used), 0),
    clear,
    size: () => ({ entries, bytes: words.byteLength }),
  }
}
