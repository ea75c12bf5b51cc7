// A cache of answers about tokens with bounds on entries, bytes and the age of each entry. The least recently used
// entry is dropped first. It holds answers, never a decision, and never sees a token: callers pass a key. It has no
// clock.

export interface CacheLimits {
  readonly maxEntries: number
  readonly maxBytes: number
}

export interface BoundedCache<Value> {
  /**
   * `now`: milliseconds. Drops the entry if it has expired, or was made in the future, by a clock that was set back
   * since.
   */
  get(key: string, now: number): Value | undefined
  /**
   * Caches `value` until `until`, in place of the old entry. If `until` is not after `now`, or `bytes` is above
   * `maxBytes`, the old entry is only removed.
   */
  set(key: string, value: Value, bytes: number, now: number, until: number): void
  size(): { readonly entries: number; readonly bytes: number }
}

interface Entry<Value> {
  readonly value: Value
  readonly bytes: number
  readonly madeAt: number
  readonly until: number
}

export function createBoundedCache<Value>({ maxEntries, maxBytes }: CacheLimits): BoundedCache<Value> {
  // A Map keeps the order of insertion, and `get` inserts again: the first key is the least recently used.
  const entries = new Map<string, Entry<Value>>()
  let bytes = 0

  function remove(key: string): void {
    bytes -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }

  return {
    get(key, now) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entries.delete(key)
      if (now >= entry.until || now < entry.madeAt) {
        bytes -= entry.bytes
        return undefined
      }
      entries.set(key, entry)
      return entry.value
    },
    set(key, value, size, now, until) {
      remove(key)
      if (until <= now || size > maxBytes) return
      entries.set(key, { value, bytes: size, madeAt: now, until })
      bytes += size
      while (entries.size > maxEntries || bytes > maxBytes) remove(entries.keys().next().value!)
    },
    size: () => ({ entries: entries.size, bytes }),
  }
}
