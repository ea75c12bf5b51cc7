import fc from 'fast-check'
import { createHash } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  CLOCK_BACK_SECONDS,
  createReplayMemory,
  slotsOf,
} from '../../../../shared/sender/dpop/replay-memory.ts'
import { capacityOf } from '../../../../shared/sender/dpop/replay-table.ts'
import type { ReplayReport, ReportEvent } from '../../../../shared/platform/ports.ts'

const nameOf = (id: number): Uint8Array => createHash('sha256').update(String(id)).digest()

const NOW = 1_900_000_000
const LIFE = 360

/** The least that `dpop.replay.memoryBytes` may be. */
const BYTES = 65_536
const CAPACITY = capacityOf(slotsOf(BYTES))

function open(memoryBytes = BYTES) {
  const events: ReportEvent[] = []
  const memory = createReplayMemory(memoryBytes, (event) => void events.push(event))
  return {
    memory,
    events,
    insert: (id: number, until = NOW + LIFE, now = NOW) => memory.insert(nameOf(id), until, now),
  }
}

/** Inserts names from `first` on, all new. */
function fill(
  { insert }: ReturnType<typeof open>,
  first: number,
  count: number,
  until?: number,
  now?: number,
) {
  for (let id = first; id < first + count; id++) expect(insert(id, until, now)).toBe(true)
}

afterEach(() => vi.unstubAllGlobals())

describe('a name', () => {
  test('is new once', () => {
    const { insert, memory } = open()
    expect([insert(1), insert(1), insert(2), insert(1)]).toEqual([true, false, true, false])
    expect([1, 2, 3].map((id) => memory.has(nameOf(id)))).toEqual([true, true, false])
  })

  test.each(Array.from({ length: 16 }, (_, at) => at))('is another one where its byte %d differs', (at) => {
    const { memory } = open()
    const other = Uint8Array.from(nameOf(1), (byte, index) => (index === at ? byte ^ 1 : byte))
    expect(memory.insert(nameOf(1), NOW + LIFE, NOW)).toBe(true)
    expect(memory.has(other)).toBe(false)
    expect(memory.insert(other, NOW + LIFE, NOW)).toBe(true)
    expect(memory.insert(Uint8Array.from(other), NOW + LIFE, NOW)).toBe(false)
  })

  test('is read from where its bytes are in a larger buffer', () => {
    const { memory, insert } = open()
    const pool = new Uint8Array(100)
    pool.set(nameOf(1), 36)
    expect(memory.insert(pool.subarray(36, 68), NOW + LIFE, NOW)).toBe(true)
    expect(insert(1)).toBe(false)
  })

  test('that begins with zeros, or with ones, is one like any other', () => {
    const { memory } = open()
    for (const byte of [0, 255]) {
      const name = new Uint8Array(32).fill(byte)
      expect(memory.insert(name, NOW + LIFE, NOW)).toBe(true)
      expect(memory.insert(name, NOW + LIFE, NOW)).toBe(false)
    }
  })

  test.each([0, -1, 0.5, 2 ** 32 - 1, 2 ** 40])('is remembered also with the time %d', (until) => {
    const { insert } = open()
    expect([insert(1, until, 1), insert(1, until, 1), insert(2, until, 1)]).toEqual([true, false, true])
  })
})

describe('names that have expired', () => {
  test('make room for others, and are not counted as dropped', () => {
    const opened = open()
    for (let round = 0; round < 20; round++) {
      const now = NOW + round * (LIFE + CLOCK_BACK_SECONDS + 1)
      fill(opened, round * 1_000_000, CAPACITY, now + LIFE, now)
    }
    expect(opened.events).toEqual([])
  })

  test('are kept a little longer: the clock may be set back', () => {
    const opened = open()
    fill(opened, 0, 10)
    const late = NOW + LIFE + CLOCK_BACK_SECONDS
    fill(opened, 100, 10, late + LIFE, late)
    expect(opened.insert(1, NOW + LIFE, NOW + LIFE)).toBe(false)
  })

  test('a clock that is set back makes no name new', () => {
    const opened = open()
    fill(opened, 0, 10)
    for (const now of [NOW - 1_000_000, NOW - 100, NOW + 100]) {
      fill(opened, now, 10, now + LIFE, now)
      for (let id = 0; id < 10; id++) expect(opened.insert(id, NOW + LIFE, now)).toBe(false)
    }
    expect(opened.events).toEqual([])
  })
})

describe('where there is no room', () => {
  test('the older half is dropped, which is reported once, with the number of names', () => {
    const opened = open()
    fill(opened, 0, 2 * CAPACITY)
    expect(opened.events).toEqual([])
    fill(opened, 2 * CAPACITY, CAPACITY)
    const event = { event: 'replay', outcome: 'full', code: 'replay_memory_full', dropped: CAPACITY }
    expect(opened.events).toEqual([event])
    for (const id of [CAPACITY, 2 * CAPACITY, 3 * CAPACITY - 1]) expect(opened.insert(id)).toBe(false)
    expect(opened.insert(0)).toBe(true)
    expect(opened.events).toEqual([event, event])
  })

  test('names that have expired are not counted', () => {
    const opened = open()
    fill(opened, 0, 1)
    fill(opened, 1, 5, NOW + 10)
    fill(opened, 6, 2 * CAPACITY - 6)
    expect(opened.insert(-1, NOW + 11 + LIFE, NOW + 11)).toBe(true)
    expect(opened.events).toMatchObject([{ code: 'replay_memory_full', dropped: CAPACITY - 5 }])
  })

  test('nothing is reported where all of them have expired', () => {
    const opened = open()
    fill(opened, 0, CAPACITY, NOW + 10)
    fill(opened, CAPACITY, CAPACITY)
    fill(opened, 2 * CAPACITY, 5, NOW + 11 + LIFE, NOW + 11)
    expect(opened.events).toEqual([])
  })
})

interface Step {
  readonly id: number
  readonly back: number
  readonly pass: number
  readonly life: number
}

test('it answers as two Maps of the same rules do, whatever comes', () => {
  const steps = fc.array(
    fc.record<Step>({
      id: fc.integer({ min: 0, max: 60 }),
      back: fc.integer({ min: 0, max: CLOCK_BACK_SECONDS }),
      pass: fc.oneof(
        { weight: 9, arbitrary: fc.integer({ min: 0, max: 3 }) },
        fc.integer({ min: 0, max: 500 }),
      ),
      life: fc.integer({ min: 0, max: LIFE }),
    }),
    { minLength: 200, maxLength: 300 },
  )
  const memoryBytes = 1_400
  const capacity = capacityOf(slotsOf(memoryBytes))
  const turns = { late: 0, full: 0 }
  fc.assert(
    fc.property(steps, (all) => {
      const opened = open(memoryBytes)
      let [young, old] = [new Map<number, number>(), new Map<number, number>()]
      const turn = () => ([old, young] = [young, new Map()])
      const dropped: number[] = []
      /** Names that must be refused, and until when, for as long as nothing is dropped. */
      const used = new Map<number, number>()
      let latest = NOW
      for (const { id, back, pass, life } of all) {
        latest += pass
        const now = latest - back
        const until = now + life
        const isNew = !young.has(id) && !old.has(id)
        if (isNew) {
          const first = young.values().next().value ?? 0
          if (Math.max(first, ...old.values()) + CLOCK_BACK_SECONDS < now) {
            turn()
            turns.late++
          }
          if (young.size >= capacity) {
            const count = [...old.values()].filter((end) => end >= now).length
            if (count > 0) dropped.push(count)
            turn()
            turns.full++
          }
          young.set(id, until)
        }
        expect(opened.insert(id, until, now)).toBe(isNew)
        if (dropped.length === 0 && (used.get(id) ?? 0) >= now) expect(isNew).toBe(false)
        if (isNew) used.set(id, until)
      }
      expect(opened.events.map((event) => (event as ReplayReport).dropped)).toEqual(dropped)
    }),
    { numRuns: 200, seed: 25 },
  )
  expect(Math.min(turns.late, turns.full)).toBeGreaterThan(100)
})

describe('the bytes', () => {
  test('a new instance has none, and few for its first proofs', () => {
    const opened = open(8_388_608)
    expect(opened.memory.bytes()).toBe(0)
    expect(opened.memory.has(nameOf(1))).toBe(false)
    expect(opened.memory.bytes()).toBe(0)
    fill(opened, 0, 20)
    expect(opened.memory.bytes()).toBeLessThan(8_192)
  })

  test.each([BYTES, 100_000, 131_071, 1_000_003])(
    'are never more than %d, also while a table replaces a smaller one',
    (memoryBytes) => {
      const opened = open(memoryBytes)
      let largest = 0
      const Real = Uint32Array
      vi.stubGlobal(
        'Uint32Array',
        class extends Real {
          constructor(...given: [number]) {
            super(...given)
            if (given.length === 1) largest = Math.max(largest, opened.memory.bytes() + this.byteLength)
          }
        },
      )
      for (let id = 0; id < 3 * capacityOf(slotsOf(memoryBytes)); id++) opened.insert(id)
      expect(largest).toBeGreaterThan(memoryBytes * 0.99)
      expect(largest).toBeLessThanOrEqual(memoryBytes)
    },
  )

  test('stay the same for a million names', () => {
    const opened = open(1_048_576)
    const name = new Uint8Array(32)
    const view = new DataView(name.buffer)
    const seen = new Set<number>()
    let count = 0
    for (let id = 0; id < 1_000_000; id++) {
      // Spread over the table as hashes are.
      view.setUint32(0, Math.imul(id, 2_654_435_761))
      view.setUint32(4, id)
      if (opened.memory.insert(name, NOW + LIFE, NOW)) count++
      if (id % 1_000 === 0) seen.add(opened.memory.bytes())
    }
    expect(count).toBe(1_000_000)
    expect(Math.max(...seen)).toBeLessThanOrEqual(1_048_576)
    expect(opened.memory.insert(name, NOW + LIFE, NOW)).toBe(false)
    expect(opened.events.length).toBeGreaterThan(10)
  })
})
