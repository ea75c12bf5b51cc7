// The store of revocations in one DynamoDB table, through the AWS SDK. An entry is one item, whose two times only grow:
// each by a conditional update of its own, so that writers need no lock and no order. Refuses to answer where an item
// cannot be read or the table cannot be reached. Only what needs a store imports this, when it first needs it.

import {
  createEntryKeys,
  isSingle,
  keyText,
  type EntryName,
  type EntryTimes,
  type NewEntry,
  type Ports,
  type RevocationAuthor,
  type RevocationEntry,
  type RevocationRecord,
  type RevocationStore,
  type RevokeOutcome,
  type StoreLimits,
} from '../../../shared/edge.ts'
import { entryKey, expiresOf, numberValue, timesOf, toEntryItem, type ItemKey } from './items.ts'
import { readPageToken, toPageToken } from './page-token.ts'
import { createRecords } from './records.ts'
import { COUNTING, createRecount, type Counting } from './recount.ts'
import { createRoom } from './room.ts'
import { openTable, type DynamoDbTable, type Update } from './table.ts'

export type { DynamoDbTable } from './table.ts'

/** What the store needs of an edge. */
export type StorePorts = Pick<Ports, 'now' | 'crypto'>

/** How often an entry is read again where others change or remove it meanwhile. */
const ATTEMPTS = 8

type Change = Extract<RevokeOutcome, 'stored' | 'known' | 'full'>

/** An entry that was asked for, and what became of it. */
type Put = readonly [entry: RevocationEntry, outcome: RevokeOutcome]

/** Raises one of the times of an entry, and says who did. */
function raise(
  entry: RevocationEntry,
  time: 'notBefore' | 'until',
  { by, reason }: RevocationAuthor,
  at: number,
): Update {
  const expires = time === 'until' ? expiresOf(entry) : undefined
  const sets = [
    '#time = :time',
    '#at = :at',
    '#by = :by',
    ...(reason ? ['#reason = :reason'] : []),
    ...(expires ? ['#expires = :expires'] : []),
  ]
  const removes = [...(reason ? [] : ['#reason']), ...(expires === null ? ['#expires'] : [])]
  return {
    expression: `SET ${sets.join(', ')}${removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`}`,
    condition: '#time < :time',
    names: {
      '#time': time,
      '#at': 'at',
      '#by': 'by',
      '#reason': 'reason',
      ...(time === 'until' ? { '#expires': 'expires' } : {}),
    },
    values: {
      ':time': numberValue(entry[time]),
      ':at': numberValue(at),
      ':by': { S: by },
      ...(reason ? { ':reason': { S: reason } } : {}),
      ...(expires ? { ':expires': expires } : {}),
    },
  }
}

/**
 * A store in a table with the partition key `pk` and the sort key `sk`, both strings. `limits`: the same for every
 * writer. The SDK finds its credentials and region as always. Creates no table.
 */
export function createDynamoDbStore(
  place: DynamoDbTable,
  limits: StoreLimits,
  { now, crypto }: StorePorts,
): RevocationStore {
  const table = openTable(place)
  const seconds = (): number => Math.floor(now() / 1000)
  const room = createRoom(table, limits, seconds)
  const recount = createRecount(table, room, now)
  const records = createRecords(table)
  const keys = createEntryKeys(crypto)

  const hasEnded = ({ until }: EntryTimes): boolean => until < now() / 1000
  const keyOf = ({ kind, issuer, id }: EntryName): ItemKey => entryKey(keyText(keys.keyOf(kind, issuer, id)))

  /** Writes an entry where there is none. `missed`: somebody else was quicker. */
  async function create(key: ItemKey, entry: RevocationEntry, author: RevocationAuthor) {
    if (!(await room.take(isSingle(entry)))) {
      if ((await table.get(key)) !== null) return 'missed'
      if (!(await recount.run()) || !(await room.take(isSingle(entry)))) return 'full'
    }
    if (await table.add(toEntryItem(key, entry, author, seconds()))) {
      await room.keep()
      return 'stored'
    }
    await room.giveBack(isSingle(entry))
    return 'missed'
  }

  /** Adds an entry, or raises the one that is there until both of its times are as late. */
  async function add(entry: RevocationEntry, author: RevocationAuthor): Promise<Change> {
    const key = keyOf(entry)
    let outcome: Change = 'known'
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const item = await table.get(key)
      if (item === null) {
        const created = await create(key, entry, author)
        if (created !== 'missed') return created
        continue
      }
      const held = timesOf(item)
      const late = (['until', 'notBefore'] as const).filter((time) => held[time] < entry[time])
      if (late.length === 0) return outcome
      for (const time of late)
        if (await table.update(key, raise(entry, time, author, seconds()))) outcome = 'stored'
    }
    throw new Error('the entry changes all the time')
  }

  /** What became of an entry, and then of the wider one that was tried in its place. */
  async function addOrWiden(
    { wider, ...entry }: NewEntry,
    author: RevocationAuthor,
  ): Promise<[Put, ...Put[]]> {
    const outcome = await add(entry, author)
    if (outcome !== 'full' || wider === undefined) return [[entry, outcome]]
    const inItsPlace = await add(wider, author)
    return [
      [entry, inItsPlace === 'full' ? 'full' : 'widened'],
      [wider, inItsPlace],
    ]
  }

  const record = (
    about: Pick<RevocationRecord, 'action' | 'outcome'> & RevocationEntry,
    { by, reason }: RevocationAuthor,
  ): Promise<void> => {
    const { action, outcome, kind, issuer, id, notBefore, until } = about
    const written = { action, outcome, kind, issuer, id, notBefore, until, at: seconds(), by }
    return records.write(reason === undefined ? written : { ...written, reason }, now())
  }

  async function remove(name: EntryName): Promise<EntryTimes | null> {
    const count = await room.read()
    const item = await table.remove(keyOf(name))
    if (item === null) return null
    await room.free(isSingle(name), count)
    const times = timesOf(item)
    return hasEnded(times) ? null : times
  }

  return {
    async find(asked) {
      const wanted = asked.map((key) => entryKey(keyText(key)))
      // A token may name one user in two claims, and BatchGetItem takes each key once.
      const items = await table.find([...new Map(wanted.map((key) => [key.pk, key])).values()])
      const found = new Map(items.map((item) => [item['pk']?.S, timesOf(item)]))
      return wanted.map(({ pk }) => {
        const times = found.get(pk)
        return times === undefined || hasEnded(times) ? null : times
      })
    },

    async revoke(entries, author) {
      const outcomes: RevokeOutcome[] = []
      for (const entry of entries) {
        const puts = await addOrWiden(entry, author)
        for (const [put, outcome] of puts) await record({ ...put, action: 'revoke', outcome }, author)
        outcomes.push(puts[0][1])
      }
      return outcomes
    },

    async unrevoke(names, author) {
      const outcomes: boolean[] = []
      for (const name of names) {
        const times = await remove(name)
        const outcome = times === null ? 'absent' : 'removed'
        await record({ ...name, notBefore: 0, until: 0, ...times, action: 'unrevoke', outcome }, author)
        outcomes.push(times !== null)
      }
      return outcomes
    },

    async list(page = null) {
      let at = page === null ? await recount.begin() : readPageToken<Counting>(page, COUNTING)
      for (;;) {
        const { entries, next } = await recount.step(at)
        const items = entries.filter((entry) => !hasEnded(entry))
        if (next === null) return { items, next }
        if (items.length > 0) return { items, next: toPageToken(next) }
        at = next
      }
    },

    records: (page = null) => records.read(page),
  }
}
