// The count of entries while it is corrected. Whatever writers, removers, the time to live and other counts of the
// table do in between, it never gets too low. Runs against dynalite.

import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { COUNT, entryKey, ENTRY_PREFIX, toKey } from '../../../../functions/aws/revocation/items.ts'
import { createRoom, isSettled, type Count, type Room } from '../../../../functions/aws/revocation/room.ts'
import { openTable, type Table } from '../../../../functions/aws/revocation/table.ts'
import { startDynalite, type Dynalite } from '../../../support/dynalite.ts'

const START = 1_800_000_000

let server: Dynalite
let table: Table
let room: Room
let seconds: number

beforeAll(async () => {
  server = await startDynalite()
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
  table = openTable({ table: server.table })
  room = createRoom(table, { maxEntries: 1_000 }, () => seconds)
})

afterAll(async () => {
  await server.close()
  vi.unstubAllEnvs()
})

const keysOf = async () => (await table.scan(ENTRY_PREFIX, null)).items.map(({ pk }) => pk!.S!)

async function empty() {
  for (const pk of await keysOf()) await table.remove({ pk, sk: 'e' })
  await table.remove(COUNT)
  seconds = START
}

beforeEach(empty)

const put = (id: string) => table.add(toKey(entryKey(id)))
const expire = (id: string) => table.remove(entryKey(id))

async function store(...ids: readonly string[]) {
  for (const id of ids) {
    await room.take(false)
    await put(id)
    await room.keep()
  }
}

const counted = async () => (await room.read()).entries
const sum = (entries: number) => ({ entries, singles: 0 })

describe('a correction', () => {
  test('is what was counted, for entries and for single ones', async () => {
    await store('a', 'b')
    await room.take(true)
    await room.keep()
    const before = await room.read()
    expect(before).toMatchObject({ entries: 3, singles: 1, open: 0, corrections: 0 })
    await room.correct(before, { entries: 2, singles: 0 })
    expect(await room.read()).toMatchObject({ entries: 2, singles: 0, corrections: 1 })
  })

  test('raises a count that was lost', async () => {
    await store('a', 'b')
    await table.remove(COUNT)
    await room.correct(await room.read(), sum(2))
    expect(await counted()).toBe(2)
  })

  test('that changes nothing is not written', async () => {
    await store('a')
    await room.correct(await room.read(), sum(1))
    expect(await room.read()).toMatchObject({ entries: 1, corrections: 0 })
  })

  test('adds room that was taken meanwhile', async () => {
    await store('a', 'b')
    const before = await room.read()
    await expire('a')
    await store('c')
    await room.correct(before, sum(1))
    expect(await counted()).toBe(2)
  })

  test('is made by one of those that began at the same time, with each number of corrections before', async () => {
    await store('a', 'b', 'c')
    for (const [left, gone] of [
      [2, 'a'],
      [1, 'b'],
    ] as const) {
      const before = await room.read()
      await expire(gone)
      await room.correct(before, sum(left))
      await room.correct(before, sum(0))
      expect(await counted()).toBe(left)
    }
  })

  test('is not made where room was taken before, until its writer has said that the entry is stored', async () => {
    await store('a')
    await room.take(false)
    const unsettled = await room.read()
    await put('b')
    await room.correct(unsettled, sum(1))
    expect(await counted()).toBe(2)
    await room.keep()
    const settled = await room.read()
    expect([unsettled, settled].map(isSettled)).toEqual([false, true])
    await expire('a')
    await room.correct(settled, sum(1))
    expect(await counted()).toBe(1)
  })

  test('is not made where room was taken before, until its writer has given it back', async () => {
    await store('a')
    await room.take(false)
    await room.correct(await room.read(), sum(0))
    await room.giveBack(false)
    const settled = await room.read()
    expect(settled).toMatchObject({ entries: 1, open: 0 })
    expect(isSettled(settled)).toBe(true)
  })

  test.each([
    [60, false],
    [61, true],
  ])('%d seconds after a writer stopped halfway gives its room back: %s', async (later, isMade) => {
    await store('a')
    await room.take(false)
    seconds += later
    await room.correct(await room.read(), sum(1))
    expect(await room.read()).toMatchObject(isMade ? { entries: 1, open: 0 } : { entries: 2, open: 1 })
  })

  test('between the removal of an entry and its count is enough', async () => {
    await store('a', 'b')
    const before = await room.read()
    await expire('a')
    await room.correct(await room.read(), sum(1))
    await room.free(false, before)
    expect(await counted()).toBe(1)
    const later = await room.read()
    await expire('b')
    await room.free(false, later)
    expect(await counted()).toBe(0)
  })
})

/** One that counts the table: how far it is. */
interface Counter {
  readonly before: Count
  readonly passed: Set<string>
  seen: number
}

const IDS = ['a', 'b', 'c', 'd', 'e']

const STEP = fc.record({
  do: fc.constantFrom(
    'take',
    'put',
    'settle',
    'read',
    'remove',
    'free',
    'expire',
    'begin',
    'pass',
    'correct',
  ),
  who: fc.nat({ max: 2 }),
  id: fc.constantFrom(...IDS),
})

test(
  'the count is never below the entries and the room that writers have taken',
  { timeout: 120_000 },
  async () => {
    let corrections = 0
    await fc.assert(
      fc.asyncProperty(fc.array(STEP, { minLength: 20, maxLength: 60 }), async (steps) => {
        await empty()
        await store('a', 'b', 'c')
        const entries = new Set(['a', 'b', 'c'])
        const writers = new Map<number, { id: string; outcome?: boolean }>()
        const removers = new Map<number, { before: Count; hasRemoved: boolean }>()
        const counters = new Map<number, Counter>()
        for (const { do: what, who, id } of steps) {
          const writer = writers.get(who)
          const remover = removers.get(who)
          const counter = counters.get(who)
          if (what === 'take' && !writer) {
            await room.take(false)
            writers.set(who, { id })
          } else if (what === 'put' && writer && writer.outcome === undefined) {
            writer.outcome = !entries.has(writer.id)
            entries.add(writer.id)
          } else if (what === 'settle' && writer?.outcome !== undefined) {
            await (writer.outcome ? room.keep() : room.giveBack(false))
            writers.delete(who)
          } else if (what === 'read' && !remover)
            removers.set(who, { before: await room.read(), hasRemoved: false })
          else if (what === 'remove' && remover && !remover.hasRemoved)
            remover.hasRemoved = entries.delete(id)
          else if (what === 'free' && remover?.hasRemoved) {
            await room.free(false, remover.before)
            removers.delete(who)
          } else if (what === 'expire') entries.delete(id)
          else if (what === 'begin')
            counters.set(who, { before: await room.read(), passed: new Set(), seen: 0 })
          else if (what === 'pass' && counter && !counter.passed.has(id)) {
            counter.passed.add(id)
            if (entries.has(id)) counter.seen++
          } else if (what === 'correct' && counter) {
            for (const left of IDS) if (!counter.passed.has(left) && entries.has(left)) counter.seen++
            await room.correct(counter.before, sum(counter.seen))
            counters.delete(who)
          }
          // Nothing else lowers the count.
          if (!['settle', 'free', 'correct'].includes(what)) continue
          const waiting = [...writers.values()].filter(({ outcome }) => outcome === undefined).length
          const count = await room.read()
          expect(count.entries).toBeGreaterThanOrEqual(entries.size + waiting)
          corrections += count.corrections
        }
      }),
      { numRuns: 150 },
    )
    expect(corrections).toBeGreaterThan(0)
  },
)
