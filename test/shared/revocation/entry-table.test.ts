import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FOREVER, type EntryTimes } from '../../../shared/revocation/entry.ts'
import { createEntryKeys } from '../../../shared/revocation/entry-keys.ts'
import { createEntryTable } from '../../../shared/revocation/entry-table.ts'
import { CHANGE_BYTES } from '../../../shared/revocation/store.ts'
import { webCrypto } from '../../../shared/index.ts'

const { keyOf } = createEntryKeys(webCrypto)
const key = (id: number) => keyOf('jti', 'https://issuer.example', String(id))

interface Change extends EntryTimes {
  readonly id: number
}

function pack(changes: readonly Change[]): Uint8Array {
  const bytes = Buffer.alloc(changes.length * CHANGE_BYTES)
  for (const [index, { id, notBefore, until }] of changes.entries()) {
    bytes.set(key(id).subarray(0, 12), index * CHANGE_BYTES)
    bytes.writeUInt32BE(notBefore, index * CHANGE_BYTES + 12)
    bytes.writeUInt32BE(until, index * CHANGE_BYTES + 16)
  }
  return new Uint8Array(bytes)
}

const MIB = 1_048_576

describe('entry table', () => {
  test('an entry is found with its times, another key is not', () => {
    const table = createEntryTable(MIB)
    expect(table.apply(pack([{ id: 1, notBefore: 100, until: 200 }]), 0)).toBe(true)
    expect(table.find(key(1))).toEqual({ notBefore: 100, until: 200 })
    expect(table.find(key(2))).toBeUndefined()
  })

  test('times up to FOREVER are kept as they are', () => {
    const table = createEntryTable(MIB)
    table.apply(pack([{ id: 1, notBefore: FOREVER, until: FOREVER }]), 0)
    expect(table.find(key(1))).toEqual({ notBefore: FOREVER, until: FOREVER })
  })

  test('an entry that was removed is not found, and those behind it still are', () => {
    const table = createEntryTable(MIB)
    const all = Array.from({ length: 48 }, (_, id) => ({ id, notBefore: 5, until: FOREVER }))
    table.apply(pack(all), 0)
    table.apply(pack(all.slice(0, 24).map((change) => ({ ...change, notBefore: 0 }))), 0)
    for (const { id } of all) expect(table.find(key(id)) !== undefined).toBe(id >= 24)
    expect(table.size().entries).toBe(24)
  })

  test('without room it holds nothing, and says so', () => {
    const table = createEntryTable(2_000)
    const changes = Array.from({ length: 200 }, (_, id) => ({ id, notBefore: 5, until: FOREVER }))
    expect(table.apply(pack(changes.slice(0, 60)), 0)).toBe(true)
    expect(table.apply(pack(changes.slice(60)), 0)).toBe(false)
    expect(table.size()).toEqual({ entries: 0, bytes: 0 })
    expect(table.reserve(200)).toBe(false)
  })

  test('entries that have ended make room for others', () => {
    const table = createEntryTable(2_000)
    const changes = (first: number, until: number) =>
      pack(Array.from({ length: 60 }, (_, index) => ({ id: first + index, notBefore: 5, until })))
    expect(table.apply(changes(0, 100), 0)).toBe(true)
    expect(table.apply(changes(100, 300), 101)).toBe(true)
    expect(table.find(key(0))).toBeUndefined()
    expect(table.find(key(100))).toEqual({ notBefore: 5, until: 300 })
  })

  test('it never takes more than its bytes, and no entry more than 42 bytes', () => {
    const table = createEntryTable(16 * MIB)
    const changes = Array.from({ length: 20_000 }, (_, id) => ({ id, notBefore: 5, until: FOREVER }))
    expect(table.reserve(changes.length)).toBe(true)
    for (let at = 0; at < changes.length; at += 1_000) table.apply(pack(changes.slice(at, at + 1_000)), 0)
    const { entries, bytes } = table.size()
    expect(entries).toBe(20_000)
    expect(bytes / entries).toBeLessThan(42)
  })

  test('it answers as a Map does, whatever is added and removed', () => {
    const change = fc.record({
      id: fc.integer({ min: 0, max: 40 }),
      notBefore: fc.integer({ min: 0, max: 3 }),
      until: fc.integer({ min: 50, max: 60 }),
    })
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 30 }), { maxLength: 12 }), (pages) => {
        const table = createEntryTable(MIB)
        const map = new Map<number, EntryTimes>()
        for (const page of pages) {
          table.apply(pack(page), 0)
          for (const { id, ...times } of page) {
            if (times.notBefore === 0) map.delete(id)
            else map.set(id, times)
          }
        }
        for (let id = 0; id <= 40; id++) expect(table.find(key(id))).toEqual(map.get(id))
        expect(table.size().entries).toBe(map.size)
      }),
      { numRuns: 200 },
    )
  })
})
