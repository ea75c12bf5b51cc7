// What the store tells a reader about changes since a version: a reader that applies the answers has exactly the
// entries of the store, whatever happened in between: pages, removals, purges, restarts, restores to an earlier point
// in time.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CHANGE_BYTES,
  FOREVER,
  SNAPSHOT_KEY_BYTES,
  type NewEntry,
  type RevocationChanges,
} from '../../../../shared/edge.ts'
import type { OpenStore } from '../../../../functions/cloudflare/store/open-store.ts'
import { createNodeDatabase, KEYS, NOW, startStore } from './node-database.ts'

const ISSUER = 'https://login.example.com'
const AUTHOR = { by: 'alice' }
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']

const entry = (id: string, more: Partial<NewEntry> = {}): NewEntry => ({
  ...{ kind: 'sub', issuer: ISSUER, id, notBefore: NOW, until: FOREVER },
  ...more,
})

const shortKey = (id: string): string =>
  Buffer.from(KEYS.keyOf('sub', ISSUER, id).subarray(0, SNAPSHOT_KEY_BYTES)).toString('hex')

/** As an isolate does: a table of its own, and the version up to which it has read. */
function createReader() {
  const table = new Map<string, readonly [notBefore: number, until: number]>()
  let version: string | null = null
  let answers: RevocationChanges[] = []

  function readPage(store: OpenStore): boolean {
    const answer = store.changesSince(version)
    answers.push(answer)
    if (answer.isReset) table.clear()
    const { changes } = answer
    const view = new DataView(changes.buffer, changes.byteOffset, changes.byteLength)
    for (let at = 0; at < changes.length; at += CHANGE_BYTES) {
      const key = Buffer.from(changes.subarray(at, at + SNAPSHOT_KEY_BYTES)).toString('hex')
      const [notBefore, until] = [view.getUint32(at + 12), view.getUint32(at + 16)]
      if (notBefore === 0) table.delete(key)
      else table.set(key, [notBefore, until])
    }
    version = answer.version
    return answer.hasMore
  }

  return {
    table,
    readPage,
    /** Reads all pages and returns the answers. */
    readAll(store: OpenStore): RevocationChanges[] {
      answers = []
      for (let page = 0; readPage(store); page++)
        if (page > 1_000) throw new Error('the store has no last page')
      return answers
    },
  }
}

const isReset = (answers: readonly RevocationChanges[]): boolean[] => answers.map((answer) => answer.isReset)

describe('a reader', () => {
  test('has everything after its first answer, and then what has changed', () => {
    const { store } = startStore()
    const reader = createReader()
    expect(reader.readAll(store)).toMatchObject([{ isReset: true, hasMore: false, entries: 0 }])
    store.revoke([entry('a'), entry('b', { notBefore: 7, until: 0xfedc_ba98 })], AUTHOR)
    expect(reader.readAll(store)).toMatchObject([{ isReset: false, hasMore: false, entries: 2 }])
    expect(reader.table).toEqual(
      new Map([
        [shortKey('a'), [NOW, FOREVER]],
        [shortKey('b'), [7, 0xfedc_ba98]],
      ]),
    )
    store.unrevoke([entry('a')], AUTHOR)
    const [answer] = reader.readAll(store)
    expect(answer).toMatchObject({ isReset: false, entries: 1 })
    expect(answer!.changes.length).toBe(CHANGE_BYTES)
    expect([...reader.table.keys()]).toEqual([shortKey('b')])
  })

  test('is told of nothing twice, and a revocation that changes nothing changes no version', () => {
    const { store } = startStore()
    const reader = createReader()
    store.revoke([entry('a')], AUTHOR)
    const [first] = reader.readAll(store)
    store.revoke([entry('a'), entry('a', { notBefore: 3 })], AUTHOR)
    store.unrevoke([entry('z')], AUTHOR)
    const [second] = reader.readAll(store)
    expect(second).toEqual({ ...first, isReset: false, changes: new Uint8Array(0) })
  })

  test('reads in pages, which a change in between does not disturb', () => {
    const { store } = startStore(undefined, { maxChanges: 2 })
    store.revoke(
      NAMES.map((id) => entry(id)),
      AUTHOR,
    )
    const reader = createReader()
    reader.readPage(store)
    expect(reader.table.size).toBe(2)
    store.revoke([entry('a', { notBefore: NOW + 1 }), entry('g')], AUTHOR)
    store.unrevoke([entry('f')], AUTHOR)
    const answers = reader.readAll(store)
    expect(isReset(answers)).toEqual([false, false, false])
    expect(reader.table.size).toBe(6)
    expect(reader.table.get(shortKey('a'))).toEqual([NOW + 1, FOREVER])
    expect(reader.table.has(shortKey('f'))).toBe(false)
  })

  test('is told that a page was the last one when it was exactly full', () => {
    const { store } = startStore(undefined, { maxChanges: 3 })
    store.revoke(
      ['a', 'b', 'c'].map((id) => entry(id)),
      AUTHOR,
    )
    expect(store.changesSince(null).hasMore).toBe(false)
    store.revoke([entry('d')], AUTHOR)
    expect(store.changesSince(null)).toMatchObject({ hasMore: true, changes: { length: 3 * CHANGE_BYTES } })
  })

  test.each(['', '.', 'x', 'x.1', 'x.1.1', 'x.-1', 'x.1e3', `${'9'.repeat(20)}.1`])(
    'of the version %j, which no answer had, begins again',
    (version) => {
      const { store } = startStore()
      store.revoke([entry('a')], AUTHOR)
      expect(store.changesSince(version)).toMatchObject({ isReset: true, changes: { length: CHANGE_BYTES } })
    },
  )

  test('of a version with another number than the store has had begins again', () => {
    const { store } = startStore()
    store.revoke([entry('a')], AUTHOR)
    const { version } = store.changesSince(null)
    expect(store.changesSince(version).isReset).toBe(false)
    expect(store.changesSince(version.replace(/1$/, '2')).isReset).toBe(true)
  })
})

describe('a store that', () => {
  const filled = () => {
    const database = createNodeDatabase()
    const opened = startStore(database)
    opened.store.revoke([entry('a'), entry('b')], AUTHOR)
    const reader = createReader()
    reader.readAll(opened.store)
    return { ...opened, database, reader }
  }

  test('was started again goes on', () => {
    const { database, reader } = filled()
    const { store } = startStore(database)
    store.revoke([entry('c')], AUTHOR)
    expect(isReset(reader.readAll(store))).toEqual([false])
    expect(reader.table.size).toBe(3)
  })

  test('was wiped tells its readers so', () => {
    const { reader } = filled()
    const { store } = startStore()
    expect(isReset(reader.readAll(store))).toEqual([true])
    expect(reader.table.size).toBe(0)
  })

  test('was wiped and has as many changes again tells its readers so', () => {
    const { reader } = filled()
    const { store } = startStore()
    store.revoke([entry('c'), entry('d')], AUTHOR)
    expect(isReset(reader.readAll(store))).toEqual([true])
    expect([...reader.table.keys()]).toEqual([shortKey('c'), shortKey('d')])
  })

  test.each([0, 1, 2, 3])(
    'was restored tells readers of what was undone, after %d other changes',
    (changes) => {
      const { database, store, reader } = filled()
      const then = database.copy()
      const older = createReader()
      older.readAll(store)
      store.revoke([entry('c'), entry('d')], AUTHOR)
      reader.readAll(store)
      database.restore(then)
      const { store: restored } = startStore(database)
      restored.revoke(
        ['e', 'f', 'g'].slice(0, changes).map((id) => entry(id)),
        AUTHOR,
      )
      expect(isReset(reader.readAll(restored))).toEqual([true])
      expect(reader.table.has(shortKey('c'))).toBe(false)
      // Nothing that this one has read was undone.
      expect(isReset(older.readAll(restored))).toEqual([false])
      expect(older.table).toEqual(reader.table)
      expect(older.table.size).toBe(2 + changes)
    },
  )

  test('has forgotten a removal resets those who have not heard of it, and nobody else', () => {
    const { store, clock, reader } = filled()
    store.unrevoke([entry('a')], AUTHOR)
    const newer = createReader()
    newer.readAll(store)
    clock.seconds += 86_400 + 300
    store.purge()
    const beforePurge = createReader()
    beforePurge.readAll(store)
    clock.seconds += 1
    expect(store.purge()).toBeNull()
    expect(isReset(reader.readAll(store))).toEqual([true])
    expect(isReset(newer.readAll(store))).toEqual([false])
    expect([...reader.table.keys()]).toEqual([shortKey('b')])
    expect(newer.table).toEqual(reader.table)
  })

  /** `a` is revoked for good, the reader learns of it, and then this happens while the reader is idle. */
  test.each([
    ['is revoked again for a shorter time', [{ until: NOW + 60 }]],
    ['is revoked again twice', [{ until: NOW + 30 }, { until: NOW + 60 }]],
  ])('has forgotten an entry that was removed and %s tells those who have the first one', (_, again) => {
    const { store, clock, reader } = filled()
    store.unrevoke([entry('a')], AUTHOR)
    for (const more of again) store.revoke([entry('a', more)], AUTHOR)
    const newer = createReader()
    newer.readAll(store)
    clock.seconds += 60 + 301
    store.purge()
    expect(isReset(reader.readAll(store))).toEqual([true])
    expect([...reader.table.keys()]).toEqual([shortKey('b')])
    // This one has the second entry, which ends by itself.
    expect(isReset(newer.readAll(store))).toEqual([false])
    expect(newer.table.get(shortKey('a'))![1]).toBe(NOW + 60)
  })

  test('has forgotten an entry that nobody had with a later end resets nobody', () => {
    const { store, clock } = startStore()
    store.revoke([entry('a', { until: NOW + 60 })], AUTHOR)
    const reader = createReader()
    reader.readAll(store)
    store.unrevoke([entry('a')], AUTHOR)
    store.revoke([entry('a', { until: NOW + 50 })], AUTHOR)
    clock.seconds += 60 + 301
    store.purge()
    expect(isReset(reader.readAll(store))).toEqual([false])
    expect(reader.table.get(shortKey('a'))![1]).toBe(NOW + 60)
  })

  test('forgets a removal while a reader is between two pages resets it once', () => {
    const { store, clock } = startStore(undefined, { maxChanges: 1 })
    store.revoke(
      ['a', 'b', 'c'].map((id) => entry(id)),
      AUTHOR,
    )
    const reader = createReader()
    reader.readPage(store)
    store.unrevoke([entry('a')], AUTHOR)
    clock.seconds += 86_400 + 301
    store.purge()
    expect(isReset(reader.readAll(store))).toEqual([true, false])
    expect([...reader.table.keys()]).toEqual([shortKey('b'), shortKey('c')])
  })

  test('has forgotten a removal before is read in pages without another reset', () => {
    const { store, clock } = startStore(undefined, { maxChanges: 1 })
    store.revoke(
      ['a', 'b', 'c', 'd'].map((id) => entry(id)),
      AUTHOR,
    )
    store.unrevoke([entry('d')], AUTHOR)
    clock.seconds += 86_400 + 301
    store.purge()
    const reader = createReader()
    expect(isReset(reader.readAll(store))).toEqual([true, false, false])
    expect(reader.table.size).toBe(3)
  })

  test('has begun a hundred sessions remembers the hundred last ones', () => {
    const { database, store } = filled()
    const { version } = store.changesSince(null)
    const begin = (id: string) => startStore(database).store.revoke([entry(id)], AUTHOR)
    for (let session = 1; session < 100; session++) begin(String(session))
    expect(store.changesSince(version).isReset).toBe(false)
    begin('100')
    expect(store.changesSince(version).isReset).toBe(true)
  })
})

const WORK = fc.oneof(
  fc.record({
    do: fc.constant('revoke' as const),
    id: fc.constantFrom('a', 'b', 'c'),
    notBefore: fc.integer({ min: 1, max: 9 }),
    seconds: fc.constantFrom(100, 40_000, 1_000_000_000),
  }),
  // Removed, and in the second case revoked again for a shorter time.
  fc.record({
    do: fc.constantFrom('unrevoke' as const, 'shorten' as const),
    id: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({ do: fc.constantFrom('start', 'save', 'restore', 'page', 'purge', 'purge', 'read', 'read') }),
)

test('a reader has the entries of the store, whatever has happened', () => {
  let resets = 0
  fc.assert(
    fc.property(fc.array(WORK, { maxLength: 60 }), fc.integer({ min: 1, max: 4 }), (works, maxChanges) => {
      const database = createNodeDatabase()
      let { store, clock } = startStore(database, { maxChanges })
      let saved = database.copy()
      const reader = createReader()
      const start = () => {
        const { seconds } = clock
        ;({ store, clock } = startStore(database, { maxChanges }))
        clock.seconds = seconds
      }
      // A reader drops an entry at its end by itself.
      const inForce = (entries: Iterable<readonly [string, readonly [number, number]]>) =>
        new Map([...entries].filter(([, [, until]]) => until >= clock.seconds).toSorted())
      const readAndCompare = () => {
        resets += isReset(reader.readAll(store)).filter(Boolean).length
        const stored = NAMES.flatMap((id) => {
          const [times] = store.find([KEYS.keyOf('sub', ISSUER, id)])
          return times ? [[shortKey(id), [times.notBefore, times.until]] as const] : []
        })
        expect(inForce(reader.table)).toEqual(inForce(stored))
        expect(store.changesSince(null).entries).toBe(stored.length)
      }
      for (const work of works) {
        if (work.do === 'revoke') {
          const until = clock.seconds + work.seconds
          store.revoke([entry(work.id, { notBefore: work.notBefore, until })], AUTHOR)
        } else if (work.do === 'unrevoke') store.unrevoke([entry(work.id)], AUTHOR)
        else if (work.do === 'shorten') {
          store.unrevoke([entry(work.id)], AUTHOR)
          store.revoke([entry(work.id, { until: clock.seconds + 100 })], AUTHOR)
        } else if (work.do === 'start') start()
        else if (work.do === 'save') saved = database.copy()
        else if (work.do === 'page') reader.readPage(store)
        else if (work.do === 'read') readAndCompare()
        else if (work.do === 'purge') {
          clock.seconds += 50_000
          store.purge()
        } else {
          database.restore(saved)
          start()
        }
      }
      readAndCompare()
    }),
    { numRuns: 1_500 },
  )
  expect(resets).toBeGreaterThan(0)
})
