// The database of a store in this process, by `node:sqlite`: the same SQL as in a Durable Object.

import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { createEntryKeys, createWebCrypto, type ReportEvent } from '../../../../shared/edge.ts'
import type { Database, Row } from '../../../../functions/cloudflare/store/database.ts'
import { openStore, type StoreSettings } from '../../../../functions/cloudflare/store/open-store.ts'

export interface NodeDatabase extends Database {
  /** The whole content, to go back to with `restore`. */
  copy(): readonly (readonly Row[])[]
  restore(content: readonly (readonly Row[])[]): void
}

const TABLES = ['entries', 'records', 'sessions', 'state']

export function createNodeDatabase(): NodeDatabase {
  const database = new DatabaseSync(':memory:')
  const statements = new Map<string, StatementSync>()
  const exec = (query: string, ...bindings: unknown[]): Row[] => {
    const statement = statements.get(query) ?? database.prepare(query)
    statements.set(query, statement)
    return statement.all(...(bindings as SQLInputValue[])) as Row[]
  }
  return {
    sql: { exec },
    transaction(work) {
      exec('SAVEPOINT ours')
      try {
        const result = work()
        exec('RELEASE ours')
        return result
      } catch (error) {
        exec('ROLLBACK TO ours')
        exec('RELEASE ours')
        throw error
      }
    },
    copy: () => TABLES.map((table) => exec(`SELECT * FROM ${table}`)),
    restore(content) {
      for (const [index, table] of TABLES.entries()) {
        exec(`DELETE FROM ${table}`)
        for (const row of content[index]!)
          exec(
            `INSERT INTO ${table} VALUES (${Object.keys(row)
              .map(() => '?')
              .join(', ')})`,
            ...Object.values(row),
          )
      }
    },
  }
}

export const KEYS = createEntryKeys(createWebCrypto([]))

/** Seconds since the epoch. */
export const NOW = 1_900_000_000

let starts = 0

/** Opens a store over a database, as a start of the Durable Object does. */
export function startStore(
  database: Database = createNodeDatabase(),
  settings: Partial<StoreSettings> & { readonly maxEntries?: number } = {},
) {
  const events: ReportEvent[] = []
  const clock = { seconds: NOW }
  const store = openStore(database, {
    keys: KEYS,
    limits: { maxEntries: settings.maxEntries ?? 1_000 },
    session: `start-${++starts}`,
    now: () => clock.seconds * 1_000,
    report: (event) => void events.push(event),
    ...settings,
  })
  return { store, events, clock }
}
