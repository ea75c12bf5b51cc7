// The store in DynamoDB: how entries merge, the bounds, the record, and that it never answers "no entry" by mistake.
// Runs against dynalite, and with `npm run test:moto` against moto_server.

import { DeleteItemCommand, GetItemCommand, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDynamoDbStore } from '../../../../functions/aws/revocation/dynamodb.ts'
import { createRoom } from '../../../../functions/aws/revocation/room.ts'
import { openTable } from '../../../../functions/aws/revocation/table.ts'
import { webCrypto } from '../../../../shared/index.ts'
import { createEntryKeys, keyText } from '../../../../shared/revocation/entry-keys.ts'
import { FOREVER, type EntryName, type RevocationEntry } from '../../../../shared/revocation/entry.ts'
import type { RevocationStore } from '../../../../shared/revocation/store.ts'
import { startDynalite, type Dynalite } from '../../../support/dynalite.ts'
import { startMotoTable, type RevocationTable } from '../../../support/moto-dynamodb.ts'

const MOTO = process.env['MOTO_SERVER']
const ISSUER = 'https://login.example.com'
const START = 1_800_000_000

const { keyOf } = createEntryKeys(webCrypto)
const AUTHOR = { by: 'ada', reason: 'lost laptop' }

let server: RevocationTable
let now: number
let store: RevocationStore
let run = 0

beforeAll(async () => {
  server = MOTO === undefined ? await startDynalite() : await startMotoTable(MOTO)
  for (const [name, value] of Object.entries(server.env)) vi.stubEnv(name, value)
})

afterAll(async () => {
  await server.close()
  vi.unstubAllEnvs()
})

const clock = () => now * 1000

const open = (maxEntries = 1_000_000, table = server.table, endpoint?: string): RevocationStore =>
  createDynamoDbStore({ table, endpoint }, { maxEntries }, { now: clock, crypto: webCrypto })

async function empty(): Promise<void> {
  for (;;) {
    const { Items = [] } = await server.client.send(new ScanCommand({ TableName: server.table }))
    if (Items.length === 0) return
    await Promise.all(
      Items.map((item) =>
        server.client.send(
          new DeleteItemCommand({ TableName: server.table, Key: { pk: item['pk']!, sk: item['sk']! } }),
        ),
      ),
    )
  }
}

beforeEach(() => {
  now = START
  run++
  store = open()
})

/** A name that no other test has. */
const named = (id: string, kind: EntryName['kind'] = 'sub'): EntryName => ({
  kind,
  issuer: ISSUER,
  id: `${id}-${run}`,
})

const entry = (
  name: EntryName,
  notBefore = START,
  until = notBefore === FOREVER ? START + 3_600 : notBefore + 3_600,
): RevocationEntry => ({ ...name, notBefore, until })

const keyFor = ({ kind, issuer, id }: EntryName) => keyOf(kind, issuer, id)
const find = async (name: EntryName, from = store) => (await from.find([keyFor(name)]))[0]
const revoke = async (...entries: RevocationEntry[]) => store.revoke(entries, AUTHOR)

const keyOfItem = (name: EntryName) => ({
  pk: { S: `e#${keyText(keyFor(name))}` },
  sk: { S: 'e' },
})

const itemOf = async (name: EntryName) =>
  (
    await server.client.send(
      new GetItemCommand({ TableName: server.table, Key: keyOfItem(name), ConsistentRead: true }),
    )
  ).Item

const countOf = async () => {
  const { Item = {} } = await server.client.send(
    new GetItemCommand({
      TableName: server.table,
      Key: { pk: { S: 'count' }, sk: { S: 'c' } },
      ConsistentRead: true,
    }),
  )
  return { entries: Number(Item['entries']?.N ?? 0), singles: Number(Item['singles']?.N ?? 0) }
}

describe('find', () => {
  test('the times of each key, in the order of the keys; others have none', async () => {
    const [one, two, other] = [named('one'), named('two', 'jti'), named('other')]
    await revoke(entry(one, 100, START + 10), entry(two, FOREVER, FOREVER))
    expect(await store.find([keyFor(other), keyFor(two), keyFor(one)])).toEqual([
      null,
      { notBefore: FOREVER, until: FOREVER },
      { notBefore: 100, until: START + 10 },
    ])
  })

  test('the same name in another issuer or of another kind is another entry', async () => {
    const name = named('user')
    await revoke(entry(name))
    expect(await find(name)).not.toBeNull()
    expect(await find({ ...name, issuer: 'https://other.example.com' })).toBeNull()
    expect(await find({ ...name, kind: 'client' })).toBeNull()
  })

  test('a key that stands twice is asked once', async () => {
    const name = named('twice')
    await revoke(entry(name))
    const times = { notBefore: START, until: START + 3_600 }
    expect(await store.find([keyFor(name), keyFor(name)])).toEqual([times, times])
  })

  test('more keys than one request takes', async () => {
    const names = Array.from({ length: 230 }, (_, index) => named(`many-${index}`))
    await revoke(entry(names[0]!), entry(names[229]!))
    const found = await store.find(names.map(keyFor))
    expect(found.flatMap((times, index) => (times === null ? [] : [index]))).toEqual([0, 229])
  })

  test('an entry counts up to the second in `until`, and is none after it', async () => {
    const name = named('short')
    await revoke(entry(name, START, START + 10))
    now = START + 10
    expect(await find(name)).not.toBeNull()
    now = START + 11
    expect(await find(name)).toBeNull()
  })

  test.each([
    ['no notBefore', { until: { N: String(START + 99) } }],
    ['a notBefore in words', { notBefore: { S: 'always' }, until: { N: String(START + 99) } }],
    ['a notBefore with a fraction', { notBefore: { N: '1.5' }, until: { N: String(START + 99) } }],
    ['no until', { notBefore: { N: '1' } }],
  ])('an item with %s rejects', async (_, item) => {
    const name = named('bad')
    const put = (more: object) =>
      server.client.send(
        new PutItemCommand({ TableName: server.table, Item: { ...keyOfItem(name), ...more } }),
      )
    await put(item)
    await expect(find(name)).rejects.toThrow('an item of the revocation table has no')
    await put({ notBefore: { N: '1' }, until: { N: String(START + 99) } })
    expect(await find(name)).toEqual({ notBefore: 1, until: START + 99 })
    await server.client.send(new DeleteItemCommand({ TableName: server.table, Key: keyOfItem(name) }))
  })

  test('a table that does not exist rejects', async () => {
    await expect(find(named('any'), open(100, 'no-such-table'))).rejects.toThrow()
  })
})

describe.skipIf(MOTO !== undefined)('a table out of reach', () => {
  const dynalite = () => server as Dynalite

  test('refused connections reject, and the entries are there afterwards', async () => {
    const name = named('kept')
    await revoke(entry(name))
    await dynalite().stop()
    try {
      await expect(find(name)).rejects.toThrow()
      await expect(revoke(entry(named('lost')))).rejects.toThrow()
    } finally {
      await dynalite().start()
    }
    expect(await find(name)).not.toBeNull()
  })

  test('a throttle rejects', async () => {
    const name = named('throttled')
    dynalite().setMode('throttle')
    try {
      await expect(find(name)).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' })
    } finally {
      dynalite().setMode('answer')
    }
    expect(await find(name)).toBeNull()
  })

  const left = (name: EntryName) => ({
    Responses: { [server.table]: [] },
    UnprocessedKeys: { [server.table]: { Keys: [keyOfItem(name)], ConsistentRead: true } },
  })

  test('keys that were left out are asked for again', async () => {
    const name = named('left')
    await revoke(entry(name))
    dynalite().answerNext(left(name))
    expect(await find(name)).toMatchObject({ notBefore: START })
  })

  test('keys that were left out twice reject', async () => {
    const name = named('left-twice')
    await revoke(entry(name))
    dynalite().answerNext(left(name), left(name))
    await expect(find(name)).rejects.toThrow('unprocessed twice')
  })
})

describe('revoke', () => {
  test('stores an entry with its author, and lets DynamoDB delete it an hour after its end', async () => {
    const name = named('user')
    expect(await revoke(entry(name, START, START + 100))).toEqual(['stored'])
    expect(await itemOf(name)).toEqual({
      ...keyOfItem(name),
      kind: { S: 'sub' },
      issuer: { S: ISSUER },
      id: { S: name.id },
      notBefore: { N: String(START) },
      until: { N: String(START + 100) },
      expires: { N: String(START + 100 + 3_600) },
      at: { N: String(START) },
      by: { S: 'ada' },
      reason: { S: 'lost laptop' },
    })
  })

  test('an entry without an end is never deleted, also if it had one before', async () => {
    const [name, later] = [named('never'), named('later')]
    await revoke(entry(name, 1, FOREVER), entry(later, 1, START + 1))
    expect(await itemOf(name)).not.toHaveProperty('expires')
    expect(await itemOf(later)).toHaveProperty('expires')
    expect(await revoke(entry(later, 1, FOREVER))).toEqual(['stored'])
    expect(await itemOf(later)).not.toHaveProperty('expires')
  })

  test('each time only grows; what changes nothing is known', async () => {
    const name = named('grows')
    const steps: [number, number, string][] = [
      [200, START + 20, 'stored'],
      [200, START + 20, 'known'],
      [100, START + 10, 'known'],
      [300, START + 10, 'stored'],
      [100, START + 30, 'stored'],
      [400, START + 40, 'stored'],
    ]
    const times = { notBefore: 0, until: 0 }
    for (const [notBefore, until, outcome] of steps) {
      expect(await revoke(entry(name, notBefore, until))).toEqual([outcome])
      times.notBefore = Math.max(times.notBefore, notBefore)
      times.until = Math.max(times.until, until)
      expect(await find(name)).toEqual(times)
    }
    expect(await itemOf(name)).toMatchObject({ expires: { N: String(START + 40 + 3_600) } })
  })

  test('an entry of the whole issuer has no id', async () => {
    const name: EntryName = { kind: 'issuer', issuer: `https://issuer-${run}.example.com`, id: '' }
    expect(await revoke(entry(name))).toEqual(['stored'])
    expect((await find(name))!.notBefore).toBe(START)
    expect((await store.records()).items).toContainEqual(
      expect.objectContaining({ ...name, outcome: 'stored' }),
    )
  })

  /** The limit in milliseconds for a hang, where there are thousands of requests and a machine may be busy. */
  const MANY_REQUESTS = 300_000
  const RACES = MOTO === undefined ? 1_000 : 100

  test(
    `${RACES} racing writers in any order leave the latest of both times, and one entry in the count`,
    async () => {
      const name = named('raced')
      const before = await countOf()
      // Few clients, each with its sockets.
      const writers = Array.from({ length: 4 }, () => open())
      // Multiplied by a number without a common factor, so that each order is another permutation.
      const order = (factor: number) => Array.from({ length: RACES }, (_, at) => (at * factor) % RACES)
      const [first, second] = [order(7), order(387)]
      const outcomes = await Promise.all(
        first.map((step, at) =>
          writers[at % writers.length]!.revoke([entry(name, 1_000 + step, START + second[at]!)], {
            by: `racer ${at}`,
          }).then(([outcome]) => outcome),
        ),
      )
      expect(new Set(first).size).toBe(RACES)
      expect(new Set(outcomes)).toEqual(new Set(['stored', 'known']))
      expect(await find(name)).toEqual({ notBefore: 1_000 + RACES - 1, until: START + RACES - 1 })
      expect(await countOf()).toMatchObject({ entries: before.entries + 1 })
    },
    MANY_REQUESTS,
  )
})

describe('unrevoke', () => {
  test('removes an entry once', async () => {
    const name = named('mistake')
    await revoke(entry(name))
    const before = await countOf()
    expect(await store.unrevoke([name], AUTHOR)).toEqual([true])
    expect(await find(name)).toBeNull()
    expect(await countOf()).toEqual({ ...before, entries: before.entries - 1 })
    expect(await store.unrevoke([name], AUTHOR)).toEqual([false])
    expect(await countOf()).toEqual({ ...before, entries: before.entries - 1 })
  })

  test('an entry that has ended was none', async () => {
    const name = named('ended')
    await revoke(entry(name, START, START + 1))
    now = START + 2
    expect(await store.unrevoke([name], AUTHOR)).toEqual([false])
    expect(await itemOf(name)).toBeUndefined()
  })
})

describe('the bounds', () => {
  beforeEach(empty)

  const MAX = 8
  const bounded = () => open(MAX)
  const add = async (to: RevocationStore, id: string, kind: EntryName['kind'], wider?: RevocationEntry) =>
    (
      await to.revoke(
        [{ ...entry(named(id, kind), FOREVER), ...(wider === undefined ? {} : { wider }) }],
        AUTHOR,
      )
    )[0]
  const fill = async (to: RevocationStore, kind: EntryName['kind'], count: number) => {
    const outcomes: unknown[] = []
    for (let index = 0; index < count; index++) outcomes.push(await add(to, `${kind}-${index}`, kind))
    return outcomes
  }

  test('entries of tokens and sessions have three quarters, the rest is for epochs', async () => {
    const to = bounded()
    expect(await fill(to, 'jti', 7)).toEqual([...Array.from({ length: 6 }, () => 'stored'), 'full'])
    expect(await add(to, 'jti-0', 'jti')).toBe('known')
    expect(await fill(to, 'sub', 3)).toEqual(['stored', 'stored', 'full'])
    expect(await find(named('jti-6', 'jti'))).toBeNull()
    expect(await countOf()).toEqual({ entries: 8, singles: 6 })
  })

  test('where a token has no room, all tokens of its user are revoked up to now', async () => {
    const to = bounded()
    await fill(to, 'sid', 6)
    const wider = entry(named('owner'))
    expect(await add(to, 'late', 'jti', wider)).toBe('widened')
    expect(await find(named('owner'))).toEqual({ notBefore: START, until: START + 3_600 })
    expect(await find(named('late', 'jti'))).toBeNull()
    await add(to, 'last', 'sub')
    expect(await add(to, 'later', 'jti', entry(named('other-owner')))).toBe('full')
    expect(
      (await to.records()).items.map(({ kind, id, outcome }) => [kind, id, outcome]).slice(0, 5),
    ).toEqual([
      ['sub', named('other-owner').id, 'full'],
      ['jti', named('later').id, 'full'],
      ['sub', named('last').id, 'stored'],
      ['sub', named('owner').id, 'stored'],
      ['jti', named('late').id, 'widened'],
    ])
    expect((await to.records()).items[3]).toMatchObject({ notBefore: START, until: START + 3_600, ...AUTHOR })
  })

  test('a store without room adds nothing, to an empty table either', async () => {
    expect(await add(open(0), 'any', 'sub')).toBe('full')
    expect(await add(open(1), 'any', 'jti')).toBe('full')
    expect(await add(open(1), 'any', 'sub')).toBe('stored')
  })

  test('an entry that is there grows in a full table', async () => {
    const to = bounded()
    await fill(to, 'sub', 8)
    expect(await to.revoke([entry(named('sub-0'), FOREVER, FOREVER)], AUTHOR)).toEqual(['stored'])
    expect(await to.revoke([entry(named('new'))], AUTHOR)).toEqual(['full'])
  })

  test.skipIf(MOTO !== undefined)('an entry that another writer has just stored needs no room', async () => {
    const to = bounded()
    await fill(to, 'sub', 8)
    // The first read is from before the other writer stored it.
    ;(server as Dynalite).answerNext({})
    expect(await to.revoke([entry(named('sub-0'), FOREVER, FOREVER)], AUTHOR)).toEqual(['stored'])
    ;(server as Dynalite).answerNext({})
    expect(await to.revoke([entry(named('new'))], AUTHOR)).toEqual(['full'])
  })

  test('racing writers do not pass the bound', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 40 }, (_, index) => add(bounded(), `race-${index}`, 'sub')),
    )
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(MAX)
    expect(outcomes.filter((outcome) => outcome === 'full')).toHaveLength(40 - MAX)
  })

  test('room comes back when an entry is removed', async () => {
    const to = bounded()
    await fill(to, 'sub', 8)
    await to.unrevoke([named('sub-3')], AUTHOR)
    expect(await fill(to, 'client', 2)).toEqual(['stored', 'full'])
  })

  /** As DynamoDB does at the end of their time to live. */
  const expire = (...names: EntryName[]) =>
    Promise.all(
      names.map((name) =>
        server.client.send(new DeleteItemCommand({ TableName: server.table, Key: keyOfItem(name) })),
      ),
    )

  test('a writer without room counts the table, and has the room of entries that DynamoDB has deleted', async () => {
    const to = bounded()
    await fill(to, 'jti', 6)
    await expire(named('jti-0', 'jti'), named('jti-1', 'jti'))
    expect(await add(to, 'new', 'jti')).toBe('stored')
    expect(await countOf()).toEqual({ entries: 5, singles: 5 })
    expect(await fill(to, 'sid', 2)).toEqual(['stored', 'full'])
  })

  test('a list corrects the count', async () => {
    const to = bounded()
    await fill(to, 'jti', 6)
    await expire(named('jti-0', 'jti'), named('jti-1', 'jti'))
    expect((await to.list()).items).toHaveLength(4)
    expect(await countOf()).toEqual({ entries: 4, singles: 4 })
  })

  test('lists at once correct the count once', async () => {
    await fill(bounded(), 'sub', 8)
    await expire(...Array.from({ length: 6 }, (_, index) => named(`sub-${index}`)))
    await Promise.all(Array.from({ length: 10 }, () => bounded().list()))
    expect(await countOf()).toEqual({ entries: 2, singles: 0 })
  })

  const scans = () => (server as Dynalite).operations.filter((operation) => operation === 'Scan').length

  test.skipIf(MOTO !== undefined)(
    'writers without room count the table together, and a minute later again',
    async () => {
      const to = bounded()
      await fill(to, 'sub', 8)
      const before = scans()
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, index) => add(to, `new-${index}`, 'sub')),
      )
      expect(new Set(outcomes)).toEqual(new Set(['full']))
      await expire(named('sub-0'))
      now = START + 59
      expect(await add(to, 'new', 'sub')).toBe('full')
      expect(scans()).toBe(before + 1)
      now = START + 60
      expect(await add(to, 'new', 'sub')).toBe('stored')
      expect(scans()).toBe(before + 2)
    },
  )

  test('a table that cannot be counted is full, and a wider entry takes the place', async () => {
    const to = bounded()
    await fill(to, 'jti', 6)
    await expire(named('jti-0', 'jti'))
    await server.client.send(
      new PutItemCommand({ TableName: server.table, Item: keyOfItem(named('unreadable')) }),
    )
    expect(await add(to, 'late', 'jti', entry(named('owner')))).toBe('widened')
    await expire(named('unreadable'))
    now += 60
    expect(await add(to, 'late', 'jti', entry(named('owner')))).toBe('stored')
  })

  test('a writer that has stopped halfway takes room until the table is counted a minute later', async () => {
    const to = bounded()
    await fill(to, 'sub', 7)
    const room = createRoom(openTable({ table: server.table }), { maxEntries: MAX }, () => now)
    expect(await room.take(false)).toBe(true)
    expect(await add(to, 'new', 'sub')).toBe('full')
    await to.list()
    expect(await countOf()).toEqual({ entries: 8, singles: 0 })
    now = START + 61
    expect(await add(to, 'new', 'sub')).toBe('stored')
    expect(await countOf()).toEqual({ entries: 8, singles: 0 })
    expect(await room.read()).toMatchObject({ open: 0 })
  })

  test('writers, removers and lists at once leave no count below the entries', async () => {
    const stores = Array.from({ length: 3 }, () => open(1_000))
    for (let round = 0; round < 4; round++) {
      await expire(named('race-0'), named('race-1'))
      await Promise.all(
        Array.from({ length: 60 }, (_, index) => {
          const from = stores[index % stores.length]!
          if (index % 10 === 0) return from.list()
          if (index % 7 === 0) return from.unrevoke([named(`race-${index % 5}`)], AUTHOR)
          return add(from, `race-${index % 5}`, 'sub')
        }),
      )
    }
    const { entries } = await countOf()
    const { items } = await open().list()
    expect(items.length).toBeGreaterThan(0)
    expect(entries).toBeGreaterThanOrEqual(items.length)
  })
})

describe('lists', () => {
  beforeEach(empty)

  async function all<Item>(
    page: (next: string | null) => Promise<{ items: readonly Item[]; next: string | null }>,
  ) {
    const items: Item[] = []
    let pages = 0
    for (let next: string | null = null; ;) {
      const found = await page(next)
      pages++
      items.push(...found.items)
      if (found.next === null) return { items, pages }
      next = found.next
    }
  }

  test('every entry in force once, and none that has ended', async () => {
    const names = Array.from({ length: 30 }, (_, index) => named(`listed-${index}`))
    await revoke(...names.map((name) => entry(name)), entry(named('ended'), START, START + 1))
    now = START + 2
    const { items } = await all((page) => store.list(page))
    expect(items.map(({ id }) => id).toSorted()).toEqual(names.map(({ id }) => id).toSorted())
    expect(items[0]).toEqual({
      kind: 'sub',
      issuer: ISSUER,
      id: expect.any(String),
      notBefore: START,
      until: START + 3_600,
      at: START,
      ...AUTHOR,
    })
  })

  test('more entries than DynamoDB scans at once come in pages', async () => {
    // A page of a scan ends at 1 MB.
    const long = (index: number) => named(`${index}-${'x'.repeat(8_000)}`, 'client')
    await Promise.all(Array.from({ length: 150 }, (_, index) => revoke(entry(long(index)))))
    const { items, pages } = await all((page) => store.list(page))
    expect(new Set(items.map(({ id }) => id)).size).toBe(150)
    expect(items).toHaveLength(150)
    expect(pages).toBeGreaterThan(1)
    expect(await countOf()).toEqual({ entries: 150, singles: 0 })
  })

  test('the record has every outcome, latest first, over pages and months', async () => {
    const name = named('recorded')
    const months = ['2027-01-31T23:59:59Z', '2027-02-01T00:00:00Z', '2027-11-30T12:00:00Z']
    for (const month of months) {
      now = Date.parse(month) / 1000
      await store.revoke([entry(name, START, FOREVER)], { by: `in ${month}` })
    }
    for (let index = 0; index < 120; index++) await store.unrevoke([name], { by: `remover ${index}` })
    const { items, pages } = await all((page) => store.records(page))
    expect(pages).toBeGreaterThan(2)
    expect(items).toHaveLength(123)
    expect(items.map(({ by }) => by)).toEqual([
      ...Array.from({ length: 120 }, (_, index) => `remover ${119 - index}`),
      ...months.toReversed().map((month) => `in ${month}`),
    ])
    expect(items.at(-1)).toEqual({
      ...name,
      action: 'revoke',
      outcome: 'stored',
      notBefore: START,
      until: FOREVER,
      at: Date.parse(months[0]!) / 1000,
      by: `in ${months[0]}`,
    })
    expect(items[119]).toMatchObject({ action: 'unrevoke', outcome: 'removed', notBefore: START })
    expect(items[118]).toMatchObject({ action: 'unrevoke', outcome: 'absent', notBefore: 0, until: 0 })
  })

  test('an empty table has no records', async () => {
    expect(await store.records()).toEqual({ items: [], next: null })
  })

  test.each(['x', Buffer.from('{}').toString('base64url'), Buffer.from('null').toString('base64url')])(
    'the page %j is refused',
    async (page) => {
      await expect(store.list(page)).rejects.toThrow('the page is not of this list')
      await expect(store.records(page)).rejects.toThrow('the page is not of this list')
    },
  )
})
