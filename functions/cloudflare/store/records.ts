// The record of a store: who asked for what, when, and what became of it. It only grows, and has no token.

import type { Page, RevocationAuthor, RevocationRecord } from '../../../shared/edge.ts'
import type { Sql } from './database.ts'

const PAGE = 100

const MAX_AUTHOR_CHARS = 256
const MAX_REASON_CHARS = 1_024

/** Cut to the lengths that `RevocationAuthor` states. */
export const toAuthor = ({ by, reason }: RevocationAuthor): RevocationAuthor => ({
  by: by.slice(0, MAX_AUTHOR_CHARS),
  ...(reason === undefined ? {} : { reason: reason.slice(0, MAX_REASON_CHARS) }),
})

export const addRecord = (sql: Sql, record: RevocationRecord): void =>
  void sql.exec(
    `INSERT INTO records (at, action, outcome, kind, issuer, id, not_before, until, author, reason)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    record.at,
    record.action,
    record.outcome,
    record.kind,
    record.issuer,
    record.id,
    record.notBefore,
    record.until,
    record.by,
    record.reason ?? null,
  )

interface RecordRow {
  readonly number: number
  readonly reason: string | null
}

const COLUMNS =
  'number, at, action, outcome, kind, issuer, id, not_before AS notBefore, until, author AS by, reason'

const toRecord = ({ number: _, reason, ...record }: RecordRow): RevocationRecord =>
  ({ ...record, ...(reason === null ? {} : { reason }) }) as RevocationRecord

const isPage = (page: string): boolean => /^[1-9]\d{0,14}$/.test(page)

/**
 * The record, latest first.
 *
 * @throws {RangeError} If `page` is none that an earlier answer named.
 */
export function listRecords(sql: Sql, page: string | null): Page<RevocationRecord> {
  if (page !== null && !isPage(page)) throw new RangeError('page is unknown')
  const rows = [
    ...sql.exec(
      `SELECT ${COLUMNS} FROM records WHERE number < ? ORDER BY number DESC LIMIT ?`,
      page === null ? Number.MAX_SAFE_INTEGER : Number(page),
      PAGE + 1,
    ),
  ] as unknown as RecordRow[]
  const shown = rows.slice(0, PAGE)
  return { items: shown.map(toRecord), next: rows.length > PAGE ? String(shown.at(-1)!.number) : null }
}
