// Versions of a store, and what has changed since one. Every change has a number. A version also names the session in
// which it was seen: a session begins with the first change after a start. After a restore to an earlier point in time
// the database lacks the sessions that came later, or their end is earlier, so a reader of what was undone learns that.

import { CHANGE_BYTES, SNAPSHOT_KEY_BYTES, type RevocationChanges } from '../../../shared/edge.ts'
import { readState, toBytes, type Sql, type State } from './database.ts'

/** A million bytes. */
export const MAX_CHANGES = 50_000

/** Readers of an older session read everything again. */
const KEPT_SESSIONS = 100

/** Up to where a reader has read. */
interface Version {
  readonly session: string
  /** The number of the latest change when it was read. */
  readonly seen: number
  /** Changes up to this number were read. */
  readonly number: number
  /** `State.purged` when it was read. */
  readonly purged: number
}

const toText = ({ session, seen, number, purged }: Version): string =>
  number === seen ? `${session}.${seen}` : `${session}.${seen}.${number}.${purged}`

function parseVersion(text: string): Version | null {
  const parts = /^([A-Za-z0-9_-]+)\.(\d{1,15})(?:\.(\d{1,15})\.(\d{1,15}))?$/.exec(text)
  if (parts === null) return null
  const [, session, seen, number = seen, purged = 0] = parts
  return { session: session!, seen: Number(seen), number: Number(number), purged: Number(purged) }
}

interface SessionRow {
  readonly id: string
  readonly number: number
}

const latestSession = (sql: Sql): SessionRow | undefined =>
  (
    [...sql.exec('SELECT id, number FROM sessions ORDER BY number DESC LIMIT 1')] as unknown as SessionRow[]
  )[0]

/** Begins a session unless it has begun. `id`: random, and never used before this start. */
export function beginSession(sql: Sql, id: string, { version }: State): void {
  const latest = latestSession(sql)
  if (latest?.id === id) return
  sql.exec('INSERT INTO sessions (id, since) VALUES (?, ?)', id, version)
  sql.exec('DELETE FROM sessions WHERE number <= ?', (latest?.number ?? 0) + 1 - KEPT_SESSIONS)
}

/** The number of the last change of a session; `null`: there is no such session. */
function endOf(sql: Sql, session: string, { version }: State): number | null {
  const [found] = [...sql.exec('SELECT number FROM sessions WHERE id = ?', session)]
  if (found === undefined) return null
  const [next] = [
    ...sql.exec('SELECT since FROM sessions WHERE number > ? ORDER BY number LIMIT 1', found['number']!),
  ]
  return next === undefined ? version : Number(next['since'])
}

/** Whether the changes after a version can be told. */
function isKnown(sql: Sql, { session, seen, number, purged }: Version, state: State): boolean {
  const end = endOf(sql, session, state)
  return end !== null && seen <= end && (number >= state.purged || purged === state.purged)
}

interface ChangeRow {
  readonly key: ArrayBuffer
  readonly not_before: number
  readonly until: number
  readonly version: number
}

function pack(rows: readonly ChangeRow[]): Uint8Array {
  const changes = new Uint8Array(rows.length * CHANGE_BYTES)
  const view = new DataView(changes.buffer)
  for (const [index, row] of rows.entries()) {
    const at = index * CHANGE_BYTES
    changes.set(toBytes(row.key).subarray(0, SNAPSHOT_KEY_BYTES), at)
    view.setUint32(at + SNAPSHOT_KEY_BYTES, row.not_before)
    view.setUint32(at + SNAPSHOT_KEY_BYTES + 4, row.until)
  }
  return changes
}

/** `RevocationSource.changesSince`. There is a session. */
export function readChanges(sql: Sql, version: string | null, maxChanges = MAX_CHANGES): RevocationChanges {
  const state = readState(sql)
  const given = version === null ? null : parseVersion(version)
  const known = given !== null && isKnown(sql, given, state) ? given : null
  const rows = [
    ...sql.exec(
      'SELECT key, not_before, until, version FROM entries WHERE version > ? ORDER BY version LIMIT ?',
      known?.number ?? 0,
      maxChanges + 1,
    ),
  ] as unknown as ChangeRow[]
  const hasMore = rows.length > maxChanges
  const read = hasMore ? rows.slice(0, maxChanges) : rows
  return {
    version: toText({
      session: latestSession(sql)!.id,
      seen: state.version,
      number: hasMore ? read.at(-1)!.version : state.version,
      purged: state.purged,
    }),
    hasMore,
    isReset: known === null,
    entries: state.entries,
    changes: pack(read),
  }
}
