// How a table is counted: page by page, not for long, not often, and by one at a time. A stand-in plays the table.

import { expect, test } from 'vitest'
import { entryKey, toEntryItem, type ItemKey } from '../../../../functions/aws/revocation/items.ts'
import { createRecount } from '../../../../functions/aws/revocation/recount.ts'
import type { Count, Counted, Room } from '../../../../functions/aws/revocation/room.ts'
import type { Table } from '../../../../functions/aws/revocation/table.ts'

const START = 1_800_000_000_000

const COUNT: Count = {
  ...{ entries: 9, singles: 9, taken: 20, open: 0, corrections: 2 },
  ...{ takenAt: START / 1000 - 10, readAt: START / 1000 },
}

const item = (id: string) =>
  toEntryItem(
    entryKey(id),
    { kind: id.startsWith('jti') ? 'jti' : 'sub', issuer: 'https://a', id, notBefore: 1, until: 2 },
    { by: 'ada' },
    1,
  )

/** A table with a page for each list of ids. `pageMs`: how long a page takes. */
function createWorld(pages: readonly (readonly string[])[], { count = COUNT, pageMs = 0 } = {}) {
  const world = { ms: START, count, isBroken: false }
  const scanned: (string | null)[] = []
  const corrections: [Count, Counted][] = []
  const table: Pick<Table, 'scan'> = {
    async scan(prefix, from) {
      expect(prefix).toBe('e#')
      scanned.push(from && from.pk)
      world.ms += pageMs
      if (world.isBroken) throw new Error('broken')
      const at = from === null ? 0 : Number(from.pk)
      const next: ItemKey | null = at + 1 < pages.length ? { pk: String(at + 1), sk: 'e' } : null
      return { items: pages[at]!.map(item), next }
    },
  }
  const room: Pick<Room, 'read' | 'correct'> = {
    read: async () => world.count,
    correct: async (before, counted) => void corrections.push([before, counted]),
  }
  const recount = createRecount(table as Table, room as Room, () => world.ms)
  return { world, scanned, corrections, recount }
}

const PAGES = [['jti 1', 'sub 1'], [], ['jti 2', 'jti 3', 'sub 2']]
const ALL = { entries: 5, singles: 3 }

test('all pages are counted, and the count of before is corrected', async () => {
  const { scanned, corrections, recount } = createWorld(PAGES)
  expect(await recount.run()).toBe(true)
  expect(scanned).toEqual([null, '1', '2'])
  expect(corrections).toEqual([[expect.objectContaining(COUNT), ALL]])
})

test('a list may count, and others count meanwhile', async () => {
  const { corrections, recount } = createWorld(PAGES)
  const first = await recount.step(await recount.begin())
  expect(first.entries.map(({ id }) => id)).toEqual(PAGES[0])
  const second = await recount.step(first.next!)
  expect(await recount.run()).toBe(true)
  expect((await recount.step(second.next!)).next).toBeNull()
  expect(corrections.map(([, counted]) => counted)).toEqual([ALL, ALL])
})

test('those who ask at once wait for the same count', async () => {
  const { scanned, recount } = createWorld(PAGES)
  expect(await Promise.all([recount.run(), recount.run(), recount.run()])).toEqual([true, true, true])
  expect(scanned).toHaveLength(3)
})

test('a minute has to pass before the next count', async () => {
  const { world, scanned, recount } = createWorld(PAGES)
  await recount.run()
  world.ms = START + 59_999
  expect(await recount.run()).toBe(false)
  expect(scanned).toHaveLength(3)
  world.ms = START + 60_000
  expect(await recount.run()).toBe(true)
  expect(scanned).toHaveLength(6)
})

test('after five seconds the count stops, and goes on a minute later', async () => {
  const { world, scanned, corrections, recount } = createWorld(PAGES, { pageMs: 2_500 })
  expect(await recount.run()).toBe(false)
  expect(scanned).toEqual([null, '1'])
  world.ms = START + 60_000
  world.count = { ...COUNT, taken: 21 }
  expect(await recount.run()).toBe(true)
  expect(scanned).toEqual([null, '1', '2'])
  expect(corrections).toEqual([[expect.objectContaining(COUNT), ALL]])
})

test('a count that failed begins again', async () => {
  const { world, scanned, recount } = createWorld(PAGES)
  world.isBroken = true
  expect(await recount.run()).toBe(false)
  world.isBroken = false
  world.ms = START + 60_000
  expect(await recount.run()).toBe(true)
  expect(scanned).toEqual([null, null, '1', '2'])
})

test('while a writer is about to store an entry nobody counts, and then at once', async () => {
  const { world, scanned, recount } = createWorld(PAGES, { count: { ...COUNT, open: 1 } })
  expect(await recount.run()).toBe(false)
  expect(scanned).toEqual([])
  world.count = COUNT
  expect(await recount.run()).toBe(true)
})
