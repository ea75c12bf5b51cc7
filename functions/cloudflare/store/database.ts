// The database of the store: as much of a Durable Object's SQLite as is used, the tables, and the counters that are
// kept beside the entries. A row with a `not_before` of 0 says that an entry was removed. `told_until`: the latest
// `until` that a reader may have of the key, also from before a removal.
// https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/

export type SqlValue = string | number | null | ArrayBuffer | Uint8Array<ArrayBuffer>

export type Row = Readonly<Record<string, SqlValue>>

/** One statement at a time. Its rows are read before the next statement. */
export interface Sql {
  exec(query: string, ...bindings: SqlValue[]): Iterable<Row>
}

export interface Database {
  readonly sql: Sql
  /** Undoes everything that `work` did if it throws. `work` is synchronous. */
  transaction<Result>(work: () => Result): Result
}

const TABLES = [
  `CREATE TABLE IF NOT EXISTS entries (
    key BLOB PRIMARY KEY,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    id TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    until INTEGER NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT,
    told_until INTEGER NOT NULL
  ) WITHOUT ROWID`,
  'CREATE UNIQUE INDEX IF NOT EXISTS entries_by_version ON entries (version)',
  'CREATE INDEX IF NOT EXISTS entries_by_until ON entries (until)',
  `CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    id TEXT NOT NULL,
    not_before INTEGER NOT NULL,
    until INTEGER NOT NULL,
    author TEXT NOT NULL,
    reason TEXT
  )`,
  'CREATE TABLE IF NOT EXISTS sessions (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, since INTEGER NOT NULL)',
  `CREATE TABLE IF NOT EXISTS state (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    version INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    singles INTEGER NOT NULL,
    purged INTEGER NOT NULL
  )`,
  'INSERT OR IGNORE INTO state VALUES (1, 0, 0, 0, 0)',
]

/** Creates the tables of a new database. */
export function createTables({ sql, transaction }: Database): void {
  transaction(() => {
    for (const statement of TABLES) sql.exec(statement)
  })
}

/** Changed in a transaction, and written at its end. */
export interface State {
  /** The number of the latest change. */
  version: number
  /** Entries, and those of one token or session among them. */
  entries: number
  singles: number
  /** Rows with this number or a lower one may have been forgotten while a reader has an earlier entry of their key. */
  purged: number
}

export function readState(sql: Sql): State {
  const [row] = [...sql.exec('SELECT version, entries, singles, purged FROM state')]
  const { version, entries, singles, purged } = row as Row & State
  return { version, entries, singles, purged }
}

export const writeState = (sql: Sql, { version, entries, singles, purged }: State): void =>
  void sql.exec(
    'UPDATE state SET version = ?, entries = ?, singles = ?, purged = ?',
    version,
    entries,
    singles,
    purged,
  )

/** SQLite in a Durable Object gives an `ArrayBuffer`. */
export const toBytes = (value: SqlValue): Uint8Array<ArrayBuffer> =>
  new Uint8Array(value as ArrayBuffer | Uint8Array<ArrayBuffer>)
