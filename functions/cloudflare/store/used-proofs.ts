// The used DPoP proofs in one object of the store Worker: a table of names, which expire. RFC 9449 section 11.1.
// Refuses to keep a name for longer than any proof is accepted. Knows no platform but its SQL.

import { REPLAY_NAME_BYTES } from '../../../shared/edge.ts'
import { CLAIM_BYTES } from '../replays.ts'
import type { Sql } from './database.ts'

/**
 * A proof is accepted for 4 200 seconds at most: `dpop.maxAgeSeconds` and twice `dpop.futureSeconds`. The clock of an
 * edge may be ahead by the rest.
 */
const MAX_SECONDS = 7_200

/** A name stays for this long after `until`: the clock of an edge may be behind. */
export const KEPT_AFTER_SECONDS = 300

export interface UsedProofs {
  /**
   * Inserts a name if it is absent, in one statement, and returns whether it was absent, or was inserted with the same
   * claim.
   *
   * @throws {TypeError} If an argument is malformed.
   * @throws {RangeError} If `until` is a time until which no name is kept.
   */
  insert(name: unknown, until: unknown, claim: unknown): boolean
  /** Forgets the names that have expired, and returns whether there are others. */
  purge(): boolean
}

const isBytes = (value: unknown, length: number): value is Uint8Array =>
  value instanceof Uint8Array && value.length === length

/** Opens a database, and creates its table if it is new. `now`: milliseconds since the epoch. */
export function openUsedProofs(sql: Sql, now: () => number): UsedProofs {
  const seconds = (): number => Math.floor(now() / 1000)
  sql.exec(
    'CREATE TABLE IF NOT EXISTS proofs (name BLOB PRIMARY KEY, until INTEGER NOT NULL, claim BLOB NOT NULL) WITHOUT ROWID',
  )

  return {
    insert(name, until, claim) {
      if (!isBytes(name, REPLAY_NAME_BYTES) || !isBytes(claim, CLAIM_BYTES) || !Number.isInteger(until))
        throw new TypeError('the proof is malformed')
      const ahead = (until as number) - seconds()
      if (ahead < -KEPT_AFTER_SECONDS || ahead > MAX_SECONDS)
        throw new RangeError('no proof is accepted until then')
      const inserted = sql.exec(
        `INSERT INTO proofs (name, until, claim) VALUES (?, ?, ?)
          ON CONFLICT (name) DO UPDATE SET until = until WHERE claim = excluded.claim RETURNING 1`,
        new Uint8Array(name),
        until as number,
        new Uint8Array(claim),
      )
      return [...inserted].length === 1
    },
    purge() {
      sql.exec('DELETE FROM proofs WHERE until < ?', seconds() - KEPT_AFTER_SECONDS)
      return [...sql.exec('SELECT 1 FROM proofs LIMIT 1')].length === 1
    },
  }
}
