// The store of revocations over one database: every change, its outcome in the record and the new version are one
// transaction. Knows no platform but its SQL.

import {
  FOREVER,
  type EntryKey,
  type EntryKeys,
  type EntryName,
  type EntryTimes,
  type ListedEntry,
  type NewEntry,
  type Page,
  type Ports,
  type RevocationAuthor,
  type RevocationChanges,
  type RevocationRecord,
  type RevokeOutcome,
  type StoreLimits,
} from '../../../shared/edge.ts'
import { beginSession, readChanges } from './changes.ts'
import { createTables, readState, writeState, type Database } from './database.ts'
import {
  findEntry,
  listEntries,
  purge,
  PURGE_ROWS,
  revokeEntry,
  unrevokeEntry,
  type Change,
} from './entries.ts'
import { addRecord, listRecords, toAuthor } from './records.ts'

export interface StoreSettings extends Pick<Ports, 'now' | 'report'> {
  readonly keys: EntryKeys
  readonly limits: StoreLimits
  /** A text that no start had before: characters of base64url. */
  readonly session: string
  /** Most changes in one answer. */
  readonly maxChanges?: number
}

/** `RevocationStore`, synchronously. An exception is one of the database, and nothing has changed then. */
export interface OpenStore {
  find(keys: readonly EntryKey[]): readonly (EntryTimes | null)[]
  changesSince(version: string | null): RevocationChanges
  revoke(entries: readonly NewEntry[], author: RevocationAuthor): readonly RevokeOutcome[]
  unrevoke(names: readonly EntryName[], author: RevocationAuthor): readonly boolean[]
  list(page: string | null): Page<ListedEntry>
  records(page: string | null): Page<RevocationRecord>
  /** Forgets what has expired. Returns the milliseconds until that is due again; `null`: nothing will expire. */
  purge(): number | null
}

/** How often expired entries are purged. */
export const PURGE_MS = 3_600_000

/** A purge that has more to do goes on in an event of its own, which has a time limit of its own. */
const PURGE_STEPS = 10
const SOON_MS = 1_000

const GONE: EntryTimes = { notBefore: 0, until: 0 }

/** Opens a database, and creates its tables if it is new. */
export function openStore(database: Database, settings: StoreSettings): OpenStore {
  const { sql } = database
  const { keys, limits, session, report, maxChanges } = settings
  const seconds = (): number => Math.floor(settings.now() / 1000)
  createTables(database)
  if ([...sql.exec('SELECT 1 FROM sessions LIMIT 1')].length === 0) beginSession(sql, session, readState(sql))

  function change<Result>(author: RevocationAuthor, work: (change: Change) => Result): Result {
    return database.transaction(() => {
      const state = readState(sql)
      beginSession(sql, session, state)
      const result = work({ sql, state, keys, limits, author: toAuthor(author), now: seconds() })
      writeState(sql, state)
      return result
    })
  }

  /** Says aloud that there was no room. */
  function alarm(outcomes: readonly RevokeOutcome[]): void {
    for (const code of ['full', 'widened'] as const)
      if (outcomes.includes(code))
        report({ event: 'revocation', outcome: 'full', code, entries: readState(sql).entries })
  }

  return {
    find: (wanted) => wanted.map((key) => findEntry(sql, key)),
    changesSince: (version) => readChanges(sql, version, maxChanges),
    revoke(entries, author) {
      const outcomes = change(author, (here) =>
        entries.map((given) => {
          const puts = revokeEntry(here, given)
          for (const [{ kind, issuer, id, notBefore, until }, outcome] of puts)
            addRecord(sql, {
              ...{ at: here.now, action: 'revoke', outcome, kind, issuer, id, notBefore, until },
              ...here.author,
            })
          return puts[0][1]
        }),
      )
      alarm(outcomes)
      return outcomes
    },
    unrevoke: (names, author) =>
      change(author, (here) =>
        names.map(({ kind, issuer, id }) => {
          const removed = unrevokeEntry(here, { kind, issuer, id })
          addRecord(sql, {
            ...{ at: here.now, action: 'unrevoke', outcome: removed === null ? 'absent' : 'removed' },
            ...{ kind, issuer, id },
            ...(removed ?? GONE),
            ...here.author,
          })
          return removed !== null
        }),
      ),
    list: (page) => listEntries(sql, page, seconds()),
    records: (page) => listRecords(sql, page),
    purge() {
      let removed = PURGE_ROWS
      for (let step = 0; step < PURGE_STEPS && removed === PURGE_ROWS; step++)
        removed = database.transaction(() => {
          const state = readState(sql)
          const rows = purge({ sql, state, now: seconds() })
          writeState(sql, state)
          return rows
        })
      if (removed === PURGE_ROWS) return SOON_MS
      return [...sql.exec('SELECT 1 FROM entries WHERE until < ? LIMIT 1', FOREVER)].length > 0
        ? PURGE_MS
        : null
    },
  }
}
