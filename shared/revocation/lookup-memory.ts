// What one instance remembers of a store that it asks about single tokens: the entries about each token, and when it
// asked. Bounded in bytes. Whatever was asked for longest ago is forgotten first, which costs a look-up and nothing
// else.

import type { EntryTimes } from './entry.ts'
import type { Revocable } from './revocable.ts'

export interface Remembered {
  /** For each key of the token; `null`: there was no entry at all. */
  readonly found: readonly (EntryTimes | null)[] | null
  /** When the request to the store began, in milliseconds. */
  readonly askedAt: number
}

export interface LookupMemory {
  get(revocable: Revocable): Remembered | undefined
  /** Ignored where the memory has a later answer. */
  set(revocable: Revocable, remembered: Remembered): void
  clear(): void
  size(): { readonly tokens: number; readonly bytes: number }
}

/** The approximate sizes of a token without its keys, of a key, and of the times of an entry. */
const TOKEN_BYTES = 300
const KEY_BYTES = 250
const TIMES_BYTES = 50

const bytesOf = ({ keys }: Revocable, { found }: Remembered): number =>
  TOKEN_BYTES + keys.length * KEY_BYTES + (found?.length ?? 0) * TIMES_BYTES

/** `keepMs`: an answer is forgotten when it is so old. */
export function createLookupMemory(maxBytes: number, keepMs: number): LookupMemory {
  // A Map keeps the order of insertion: the first token is the one that was asked for longest ago.
  const tokens = new Map<Revocable, Remembered>()
  let bytes = 0

  function remove(revocable: Revocable): void {
    const remembered = tokens.get(revocable)
    if (remembered === undefined) return
    bytes -= bytesOf(revocable, remembered)
    tokens.delete(revocable)
  }

  return {
    get: (revocable) => tokens.get(revocable),
    set(revocable, remembered) {
      const before = tokens.get(revocable)
      if (before !== undefined && before.askedAt > remembered.askedAt) return
      remove(revocable)
      tokens.set(revocable, remembered)
      bytes += bytesOf(revocable, remembered)
      for (const [oldest, { askedAt }] of tokens) {
        if (bytes <= maxBytes && remembered.askedAt - askedAt < keepMs) break
        remove(oldest)
      }
    },
    clear() {
      tokens.clear()
      bytes = 0
    },
    size: () => ({ tokens: tokens.size, bytes }),
  }
}
