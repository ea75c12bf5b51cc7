// What is remembered about tokens: so many entries, so many bytes, each until its time, the least used forgotten
// first. It holds facts and never a decision, and it never sees a token: whoever asks brings a key. It has no clock.

export interface CacheLimits {
  readonly maxEntries: number
  readonly maxBytes: number
}

export interface BoundedCache<Value> {
  /** `now` in milliseconds. An entry that was made in the future, by a clock since set back, is forgotten. */
  get(key: string, now: number): Value | undefined
  /** Keeps `value` until `until`, unless it alone is more than may be held. */
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
  // A Map keeps the order in which keys were put in: the first is the one that was used longest ago.
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
