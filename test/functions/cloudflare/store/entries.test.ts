// What the store does with entries: they merge to the later times, nothing is dropped where there is no room, and every
// outcome is in the record.

import { describe, expect, test } from 'vitest'
import { FOREVER, type NewEntry, type RevocationKind } from '../../../../shared/edge.ts'
import { createNodeDatabase, KEYS, NOW, startStore } from './node-database.ts'

const ISSUER = 'https://login.example.com'
const AUTHOR = { by: 'alice', reason: 'stolen laptop' }

const entry = (kind: RevocationKind, id: string, more: Partial<NewEntry> = {}): NewEntry => ({
  ...{ kind, issuer: ISSUER, id, notBefore: NOW, until: NOW + 3_600 },
  ...more,
})

const keyOf = ({ kind, issuer, id }: NewEntry) => KEYS.keyOf(kind, issuer, id)

type Opened = ReturnType<typeof startStore>

const find = ({ store }: Opened, wanted: NewEntry) => store.find([keyOf(wanted)])[0]

describe('an entry', () => {
  test('is found under its key, and no other is', () => {
    const opened = startStore()
    const alice = entry('sub', 'alice')
    expect(opened.store.revoke([alice], AUTHOR)).toEqual(['stored'])
    const found = { notBefore: NOW, until: NOW + 3_600 }
    const others = [
      entry('sub', 'bob'),
      entry('client', 'alice'),
      entry('sub', 'alice', { issuer: 'https://b' }),
    ]
    expect(opened.store.find([alice, ...others].map(keyOf))).toEqual([found, null, null, null])
  })

  test('only becomes stricter: of each time the later one stays', () => {
    const opened = startStore()
    const times = [
      [entry('sub', 'a'), 'stored', NOW, NOW + 3_600],
      [entry('sub', 'a'), 'known', NOW, NOW + 3_600],
      [entry('sub', 'a', { notBefore: NOW - 1 }), 'known', NOW, NOW + 3_600],
      [entry('sub', 'a', { notBefore: NOW + 1, until: NOW }), 'stored', NOW + 1, NOW + 3_600],
      [entry('sub', 'a', { notBefore: 5, until: FOREVER }), 'stored', NOW + 1, FOREVER],
    ] as const
    for (const [given, outcome, notBefore, until] of times) {
      expect(opened.store.revoke([given], AUTHOR)).toEqual([outcome])
      expect(find(opened, given)).toEqual({ notBefore, until })
    }
  })

  test('for no token is one for tokens without iat: 0 would mean that it was removed', () => {
    const opened = startStore()
    expect(opened.store.revoke([entry('sub', 'a', { notBefore: 0 })], AUTHOR)).toEqual(['stored'])
    expect(find(opened, entry('sub', 'a'))).toMatchObject({ notBefore: 1 })
  })

  test.each([Number.NaN, -1, 1.5, FOREVER + 1])(
    'with the time %d is refused, and nothing of the call is stored',
    (time) => {
      const opened = startStore()
      const call = (more: Partial<NewEntry>) => () =>
        opened.store.revoke([entry('sub', 'a'), entry('sub', 'b', more)], AUTHOR)
      expect(call({ notBefore: time })).toThrow(RangeError)
      expect(call({ until: time })).toThrow(RangeError)
      expect(find(opened, entry('sub', 'a'))).toBeNull()
      expect(opened.store.records(null).items).toEqual([])
      expect(opened.store.changesSince(null)).toMatchObject({ entries: 0 })
      expect(call({})()).toEqual(['stored', 'stored'])
    },
  )

  test('is removed, and may be added again', () => {
    const opened = startStore()
    opened.store.revoke([entry('sub', 'a')], AUTHOR)
    expect(opened.store.unrevoke([entry('sub', 'a'), entry('sub', 'b')], AUTHOR)).toEqual([true, false])
    expect(find(opened, entry('sub', 'a'))).toBeNull()
    expect(opened.store.unrevoke([entry('sub', 'a')], AUTHOR)).toEqual([false])
    expect(opened.store.revoke([entry('sub', 'a', { notBefore: 9 })], AUTHOR)).toEqual(['stored'])
    expect(find(opened, entry('sub', 'a'))).toMatchObject({ notBefore: 9 })
    expect(opened.store.changesSince(null).entries).toBe(1)
  })
})

const fill = ({ store }: Opened, kind: RevocationKind, count: number, until = NOW + 3_600) =>
  store.revoke(
    Array.from({ length: count }, (_, index) => entry(kind, `${kind} ${index}`, { until })),
    AUTHOR,
  )

describe('where there is no room', () => {
  const epoch = entry('sub', 'alice')
  const single = entry('jti', 'one more', { wider: epoch })

  test.each(['jti', 'token', 'sid'] as const)('three quarters are for single entries: %s', (kind) => {
    const opened = startStore(undefined, { maxEntries: 100 })
    expect(fill(opened, kind, 75)).not.toContain('full')
    expect(opened.store.revoke([entry(kind, 'one more')], AUTHOR)).toEqual(['full'])
    expect(find(opened, entry(kind, 'one more'))).toBeNull()
    expect(opened.store.revoke([epoch], AUTHOR)).toEqual(['stored'])
  })

  test('a single entry widens to the user, whose tokens are then refused', () => {
    const opened = startStore(undefined, { maxEntries: 100 })
    fill(opened, 'jti', 75)
    expect(opened.store.revoke([single], AUTHOR)).toEqual(['widened'])
    expect(find(opened, single)).toBeNull()
    expect(find(opened, epoch)).toEqual({ notBefore: NOW, until: NOW + 3_600 })
    expect(opened.store.records(null).items.slice(0, 2)).toMatchObject([
      { kind: 'sub', id: 'alice', outcome: 'stored' },
      { kind: 'jti', id: 'one more', outcome: 'widened' },
    ])
    expect(opened.events).toMatchObject([
      { event: 'revocation', outcome: 'full', code: 'widened', entries: 76 },
    ])
    expect(opened.store.revoke([single], AUTHOR)).toEqual(['widened'])
  })

  test('the last entry is taken, and nothing after it', () => {
    const opened = startStore(undefined, { maxEntries: 100 })
    expect(fill(opened, 'sub', 100)).not.toContain('full')
    expect(opened.events).toEqual([])
    expect(opened.store.revoke([epoch, single], AUTHOR)).toEqual(['full', 'full'])
    expect([find(opened, epoch), find(opened, single)]).toEqual([null, null])
    expect(opened.store.changesSince(null).entries).toBe(100)
    expect(opened.events).toMatchObject([
      { event: 'revocation', outcome: 'full', code: 'full', entries: 100 },
    ])
    expect(
      opened.store
        .records(null)
        .items.slice(0, 3)
        .map(({ outcome }) => outcome),
    ).toEqual(['full', 'full', 'full'])
  })

  test('an entry that is there becomes stricter all the same', () => {
    const opened = startStore(undefined, { maxEntries: 100 })
    fill(opened, 'sub', 100)
    expect(opened.store.revoke([entry('sub', 'sub 7', { until: FOREVER })], AUTHOR)).toEqual(['stored'])
    expect(find(opened, entry('sub', 'sub 7'))).toMatchObject({ until: FOREVER })
    expect(opened.events).toEqual([])
  })

  test.each([
    ['removal', ({ store }: Opened) => void store.unrevoke([entry('sub', 'sub 3')], AUTHOR)],
    ['expiry', ({ clock }: Opened) => void (clock.seconds += 3_600 + 301)],
  ])('a %s makes room', (_, make) => {
    const opened = startStore(undefined, { maxEntries: 100 })
    fill(opened, 'sub', 100)
    make(opened)
    expect(opened.store.revoke([epoch], AUTHOR)).toEqual(['stored'])
  })

  test('an entry whose tokens have only just expired makes none', () => {
    const opened = startStore(undefined, { maxEntries: 100 })
    fill(opened, 'sub', 100)
    opened.clock.seconds += 3_600 + 300
    expect(opened.store.revoke([epoch], AUTHOR)).toEqual(['full'])
  })
})

describe('the record', () => {
  test('has every outcome, who asked for it, when and why, latest first', () => {
    const { store, clock } = startStore()
    store.revoke([entry('sub', 'a')], AUTHOR)
    clock.seconds += 10
    store.revoke([entry('sub', 'a')], { by: 'bob' })
    store.unrevoke([entry('sub', 'a'), entry('sub', 'z')], { by: 'carol' })
    const name = { kind: 'sub', issuer: ISSUER, id: 'a' }
    const times = { notBefore: NOW, until: NOW + 3_600 }
    expect(store.records(null)).toEqual({
      items: [
        {
          ...{ at: NOW + 10, action: 'unrevoke', outcome: 'absent', ...name, id: 'z' },
          ...{ notBefore: 0, until: 0, by: 'carol' },
        },
        { at: NOW + 10, action: 'unrevoke', outcome: 'removed', ...name, ...times, by: 'carol' },
        { at: NOW + 10, action: 'revoke', outcome: 'known', ...name, ...times, by: 'bob' },
        { at: NOW, action: 'revoke', outcome: 'stored', ...name, ...times, ...AUTHOR },
      ],
      next: null,
    })
  })

  test('has notes of bounded length', () => {
    const { store } = startStore()
    store.revoke([entry('sub', 'a')], { by: 'b'.repeat(300), reason: 'r'.repeat(2_000) })
    const [{ by, reason = '' } = { by: '' }] = store.records(null).items
    expect([by.length, reason.length]).toEqual([256, 1_024])
  })

  test('is read in pages, while it grows', () => {
    const opened = startStore()
    fill(opened, 'sub', 250)
    const first = opened.store.records(null)
    fill(opened, 'client', 5)
    const second = opened.store.records(first.next)
    const third = opened.store.records(second.next)
    expect([first, second, third].map(({ items }) => items.length)).toEqual([100, 100, 50])
    const ids = [first, second, third].flatMap(({ items }) => items.map(({ id }) => id))
    expect(ids).toEqual(Array.from({ length: 250 }, (_, index) => `sub ${249 - index}`))
    expect(third.next).toBeNull()
  })

  test.each(['', '0', '-1', 'x', '1e3', '99999999999999999'])('the page %j is unknown', (page) => {
    expect(() => startStore().store.records(page)).toThrow(RangeError)
  })
})

describe('the list', () => {
  test('has each entry in force once, in pages, and neither removed nor expired ones', () => {
    const opened = startStore(undefined)
    fill(opened, 'sub', 250)
    opened.store.revoke(
      [entry('jti', 'expired', { until: NOW - 1 }), entry('jti', 'last', { until: NOW })],
      AUTHOR,
    )
    opened.store.unrevoke([entry('sub', 'sub 0')], AUTHOR)
    const pages = [opened.store.list(null)]
    while (pages.at(-1)!.next !== null) pages.push(opened.store.list(pages.at(-1)!.next))
    expect(pages.map(({ items }) => items.length)).toEqual([100, 100, 50])
    const ids = pages.flatMap(({ items }) => items.map(({ id }) => id))
    const wanted = ['last', ...Array.from({ length: 249 }, (_, index) => `sub ${index + 1}`)]
    expect(ids.toSorted()).toEqual(wanted.toSorted())
  })

  test('says who last changed an entry, and when', () => {
    const { store, clock } = startStore()
    store.revoke([entry('sub', 'a')], AUTHOR)
    clock.seconds += 1
    store.revoke([entry('sub', 'a')], { by: 'bob' })
    expect(store.list(null)).toEqual({ items: [{ ...entry('sub', 'a'), at: NOW, ...AUTHOR }], next: null })
    store.revoke([entry('sub', 'a', { until: FOREVER })], { by: 'bob' })
    expect(store.list(null).items).toEqual([
      { ...entry('sub', 'a', { until: FOREVER }), at: NOW + 1, by: 'bob' },
    ])
  })

  test.each(['', 'x', 'g'.repeat(64), 'a'.repeat(63)])('the page %j is unknown', (page) => {
    expect(() => startStore().store.list(page)).toThrow(RangeError)
  })
})

describe('a purge', () => {
  test('forgets what expired five minutes ago, and says when it is due again', () => {
    const opened = startStore()
    fill(opened, 'sub', 3, NOW)
    opened.store.revoke(
      [entry('sub', 'later', { until: NOW + 1 }), entry('key', 'never', { until: FOREVER })],
      AUTHOR,
    )
    opened.clock.seconds = NOW + 300
    opened.store.purge()
    expect(opened.store.changesSince(null).entries).toBe(5)
    opened.clock.seconds = NOW + 301
    expect(opened.store.purge()).toBe(3_600_000)
    expect(opened.store.changesSince(null).entries).toBe(2)
    opened.clock.seconds = NOW + 302
    expect(opened.store.purge()).toBeNull()
    expect(opened.store.changesSince(null).entries).toBe(1)
    expect(find(opened, entry('key', 'never'))).not.toBeNull()
  })

  test('of single entries makes room for single entries', () => {
    const opened = startStore(undefined, { maxEntries: 100 })
    fill(opened, 'sid', 75, NOW)
    opened.clock.seconds = NOW + 301
    opened.store.purge()
    expect(fill(opened, 'jti', 76).filter((outcome) => outcome === 'stored')).toHaveLength(75)
  })

  test('of very many goes on in an event of its own', () => {
    const database = createNodeDatabase()
    const opened = startStore(database)
    database.sql.exec(
      `WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number <= 100000)
        INSERT INTO entries SELECT CAST(number AS BLOB), 'sub', '', '', 1, ?, number, 0, '', NULL, 0 FROM numbers`,
      NOW,
    )
    database.sql.exec('UPDATE state SET version = 100001, entries = 100001')
    opened.clock.seconds = NOW + 301
    expect(opened.store.purge()).toBe(1_000)
    expect(opened.store.changesSince(null).entries).toBe(1)
    expect(opened.store.purge()).toBeNull()
    expect(opened.store.changesSince(null).entries).toBe(0)
  })
})

test('a failure of the database undoes the whole call', () => {
  const database = createNodeDatabase()
  let left = Number.POSITIVE_INFINITY
  const opened = startStore({
    ...database,
    sql: {
      exec(query, ...bindings) {
        if (query.startsWith('INSERT INTO records') && left-- === 0) throw new Error('disk is full')
        return database.sql.exec(query, ...bindings)
      },
    },
  })
  left = 1
  expect(() => opened.store.revoke([entry('sub', 'a'), entry('sub', 'b')], AUTHOR)).toThrow('disk is full')
  expect(find(opened, entry('sub', 'a'))).toBeNull()
  expect(opened.store.changesSince(null)).toMatchObject({ entries: 0, changes: new Uint8Array(0) })
  expect(opened.store.revoke([entry('sub', 'a'), entry('sub', 'b')], AUTHOR)).toEqual(['stored', 'stored'])
})
