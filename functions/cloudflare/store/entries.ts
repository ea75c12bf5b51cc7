// The entries of a store: adding, removing, finding, listing and purging. Entries become stricter alone; where there is
// no room, nothing is dropped. Everything that changes entries runs in a transaction of the caller.

import {
  FOREVER,
  isSingle,
  maxSingleEntries,
  mergeTimes,
  type EntryKey,
  type EntryKeys,
  type EntryName,
  type EntryTimes,
  type ListedEntry,
  type NewEntry,
  type Page,
  type RevocationAuthor,
  type RevocationEntry,
  type RevokeOutcome,
  type StoreLimits,
} from '../../../shared/edge.ts'
import { toBytes, type Row, type Sql, type State } from './database.ts'

const PAGE = 100

/** Rows that one step of a purge removes. */
export const PURGE_ROWS = 10_000

/** Entries stay for this long after `until`: the clock of an edge may be behind. */
const PURGE_AFTER_SECONDS = 300

/** For how long the store remembers that an entry was removed. */
export const REMEMBER_REMOVAL_SECONDS = 86_400

/** One transaction that changes entries. */
export interface Change {
  readonly sql: Sql
  readonly state: State
  readonly keys: EntryKeys
  readonly limits: StoreLimits
  readonly author: RevocationAuthor
  /** Seconds since the epoch. */
  readonly now: number
}

/** SQLite takes the bytes of an `ArrayBuffer` of their own. */
const toKey = (key: EntryKey): Uint8Array<ArrayBuffer> => new Uint8Array(key)

interface TimesRow {
  readonly not_before: number
  readonly until: number
}

/** The times of an entry; `null`: there is none, or it was removed. */
export function findEntry(sql: Sql, key: EntryKey): EntryTimes | null {
  const [row] = [
    ...sql.exec('SELECT not_before, until FROM entries WHERE key = ?', toKey(key)),
  ] as unknown as TimesRow[]
  return row === undefined || row.not_before === 0 ? null : { notBefore: row.not_before, until: row.until }
}

function write({ sql, state, keys, author, now }: Change, entry: RevocationEntry): void {
  const { kind, issuer, id, notBefore, until } = entry
  const key = toKey(keys.keyOf(kind, issuer, id))
  sql.exec(
    `INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
      max(?, coalesce((SELECT told_until FROM entries WHERE key = ?), 0)))`,
    key,
    kind,
    issuer,
    id,
    notBefore,
    until,
    ++state.version,
    now,
    author.by,
    author.reason ?? null,
    notBefore === 0 ? 0 : until,
    key,
  )
}

const hasRoom = ({ state, limits }: Change, entry: EntryName): boolean =>
  state.entries < limits.maxEntries && (!isSingle(entry) || state.singles < maxSingleEntries(limits))

interface PurgedRow extends Pick<EntryName, 'kind'> {
  readonly not_before: number
  readonly version: number
  readonly told_until: number
}

/**
 * Removes expired entries, and removals that need no more remembering, at most `PURGE_ROWS`. Returns how many. Where an
 * earlier entry of the key ends later, a reader that has missed the row would keep that one: it has to read all again.
 */
export function purge({ sql, state, now }: Pick<Change, 'sql' | 'state' | 'now'>): number {
  const before = now - PURGE_AFTER_SECONDS
  const rows = [
    ...sql.exec(
      `DELETE FROM entries WHERE key IN (SELECT key FROM entries WHERE until < ? ORDER BY until LIMIT ?)
        RETURNING kind, not_before, version, told_until`,
      before,
      PURGE_ROWS,
    ),
  ] as unknown as PurgedRow[]
  for (const row of rows) {
    if (row.told_until >= before) state.purged = Math.max(state.purged, row.version)
    if (row.not_before > 0) count(state, row, -1)
  }
  return rows.length
}

function count(state: State, entry: Pick<EntryName, 'kind'>, by: 1 | -1): void {
  state.entries += by
  if (isSingle(entry)) state.singles += by
}

function makeRoom(change: Change, entry: EntryName): boolean {
  while (!hasRoom(change, entry)) if (purge(change) === 0) return false
  return true
}

/** Adds an entry, or makes the one that is there stricter. */
function put(change: Change, entry: RevocationEntry): Exclude<RevokeOutcome, 'widened'> {
  const there = findEntry(change.sql, change.keys.keyOf(entry.kind, entry.issuer, entry.id))
  if (there !== null) {
    const merged = mergeTimes(there, entry)
    if (merged.notBefore === there.notBefore && merged.until === there.until) return 'known'
    write(change, { ...entry, ...merged })
    return 'stored'
  }
  if (!makeRoom(change, entry)) return 'full'
  write(change, entry)
  count(change.state, entry, 1)
  return 'stored'
}

const isTime = (time: number): boolean => Number.isInteger(time) && time >= 0 && time <= FOREVER

/** A `notBefore` of 0 would mean that the entry was removed. */
function toEntry<Entry extends RevocationEntry>(entry: Entry): Entry {
  if (!isTime(entry.notBefore) || !isTime(entry.until))
    throw new RangeError('a time of an entry is malformed')
  return { ...entry, notBefore: Math.max(1, entry.notBefore) }
}

/** An entry that was asked for, and what became of it. */
export type Put = readonly [entry: RevocationEntry, outcome: RevokeOutcome]

/**
 * What became of an entry, and then of the wider one that was tried in its place.
 *
 * @throws {RangeError} If a time of the entry is malformed.
 */
export function revokeEntry(change: Change, { wider, ...given }: NewEntry): readonly [Put, ...Put[]] {
  const entry = toEntry(given)
  const outcome = put(change, entry)
  if (outcome !== 'full' || wider === undefined) return [[entry, outcome]]
  const widerEntry = toEntry(wider)
  const inItsPlace = put(change, widerEntry)
  return [
    [entry, inItsPlace === 'full' ? 'full' : 'widened'],
    [widerEntry, inItsPlace],
  ]
}

/** Removes an entry. Returns its times; `null`: there was none. */
export function unrevokeEntry(change: Change, name: EntryName): EntryTimes | null {
  const there = findEntry(change.sql, change.keys.keyOf(name.kind, name.issuer, name.id))
  if (there === null) return null
  write(change, { ...name, notBefore: 0, until: change.now + REMEMBER_REMOVAL_SECONDS })
  count(change.state, name, -1)
  return there
}

const COLUMNS = 'key, kind, issuer, id, not_before AS notBefore, until, at, author AS by, reason'

const toListed = ({ key: _, reason, ...entry }: Row): ListedEntry =>
  ({ ...entry, ...(reason === null ? {} : { reason }) }) as unknown as ListedEntry

const toHex = (key: Uint8Array): string =>
  Array.from(key, (byte) => byte.toString(16).padStart(2, '0')).join('')

const isPage = (page: string): boolean => /^[0-9a-f]{64}$/.test(page)

const fromHex = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16))

/**
 * The entries in force, in the order of their keys. `now`: seconds since the epoch.
 *
 * @throws {RangeError} If `page` is none that an earlier answer named.
 */
export function listEntries(sql: Sql, page: string | null, now: number): Page<ListedEntry> {
  if (page !== null && !isPage(page)) throw new RangeError('page is unknown')
  const rows = [
    ...sql.exec(
      `SELECT ${COLUMNS} FROM entries WHERE key > ? AND not_before > 0 AND until >= ? ORDER BY key LIMIT ?`,
      page === null ? new Uint8Array(0) : fromHex(page),
      now,
      PAGE + 1,
    ),
  ]
  const shown = rows.slice(0, PAGE)
  return {
    items: shown.map(toListed),
    next: rows.length > PAGE ? toHex(toBytes(shown.at(-1)!['key']!)) : null,
  }
}
