// A store of revocations in memory, for tests of the core: it has no bounds and no record. `isDown` makes it reject,
// and `hold` makes it answer later.

import {
  FOREVER,
  mergeTimes,
  type EntryKey,
  type EntryName,
  type RevocationEntry,
} from '../../shared/revocation/entry.ts'
import { createEntryKeys } from '../../shared/revocation/entry-keys.ts'
import { CHANGE_BYTES, type NewEntry, type RevocationStore } from '../../shared/revocation/store.ts'
import { webCrypto } from '../../shared/index.ts'

const { keyOf } = createEntryKeys(webCrypto)
const hex = (key: EntryKey): string => Buffer.from(key).toString('hex')

interface Row extends RevocationEntry {
  readonly key: EntryKey
  readonly version: number
}

export interface MemoryRevocations extends RevocationStore {
  isDown: boolean
  /** The content of the store gets another identity, as after a restore. */
  reset(): void
  /** Calls so far. */
  readonly calls: { find: number; changes: number }
  /** Every answer waits for this promise. */
  hold: Promise<unknown> | null
  /** Most changes in a page. */
  pageSize: number
}

export function createMemoryRevocations(): MemoryRevocations {
  const rows = new Map<string, Row>()
  let version = 0
  let identity = 1
  const store: MemoryRevocations = {
    isDown: false,
    hold: null,
    pageSize: 1_000,
    calls: { find: 0, changes: 0 },
    reset() {
      identity++
      rows.clear()
      version = 0
    },
    async find(keys) {
      store.calls.find++
      await reach()
      return keys.map((key) => {
        const row = rows.get(hex(key))
        return row === undefined || row.notBefore === 0 ? null : row
      })
    },
    async changesSince(since) {
      store.calls.changes++
      await reach()
      const [of, number] = (since ?? '').split('.').map(Number)
      const isReset = since === null || of !== identity
      const from = isReset ? 0 : number!
      const all = [...rows.values()]
        .filter((row) => row.version > from)
        .toSorted((one, other) => one.version - other.version)
      const page = all.slice(0, store.pageSize)
      const changes = Buffer.alloc(page.length * CHANGE_BYTES)
      for (const [index, row] of page.entries()) {
        changes.set(row.key.subarray(0, 12), index * CHANGE_BYTES)
        changes.writeUInt32BE(row.notBefore, index * CHANGE_BYTES + 12)
        changes.writeUInt32BE(row.until, index * CHANGE_BYTES + 16)
      }
      const reached = all.length > page.length ? page.at(-1)!.version : version
      return {
        version: `${identity}.${reached}`,
        hasMore: all.length > page.length,
        isReset,
        entries: rows.size,
        changes: new Uint8Array(changes),
      }
    },
    async revoke(entries) {
      await reach()
      return entries.map((entry) => put(entry))
    },
    async unrevoke(names) {
      await reach()
      return names.map((name) => remove(name))
    },
    list: async () => ({ items: [], next: null }),
    records: async () => ({ items: [], next: null }),
  }

  async function reach(): Promise<void> {
    if (store.hold !== null) await store.hold
    if (store.isDown) throw new Error('the store is down')
  }

  function put({ wider: _, ...entry }: NewEntry) {
    const key = keyOf(entry.kind, entry.issuer, entry.id)
    const known = rows.get(hex(key))
    const times = known === undefined ? entry : mergeTimes(known, entry)
    if (known?.notBefore === times.notBefore && known.until === times.until) return 'known'
    rows.set(hex(key), { ...entry, ...times, key, version: ++version })
    return 'stored'
  }

  function remove({ kind, issuer, id }: EntryName): boolean {
    const name = hex(keyOf(kind, issuer, id))
    const known = rows.get(name)
    if (known === undefined || known.notBefore === 0) return false
    rows.set(name, { ...known, notBefore: 0, version: ++version })
    return true
  }

  return store
}

/** An entry that stands for ever. */
export const entry = (name: EntryName, notBefore: number = FOREVER): NewEntry => ({
  ...name,
  notBefore,
  until: FOREVER,
})
