// The record of a revocation table: an item for each change, a partition for each month. It only grows. Whoever may put
// items can still write over one, so the rights of a role and the backups of the table matter.

import { randomUUID } from 'node:crypto'
import type { Page, RevocationRecord } from '../../../shared/edge.ts'
import { monthOf, MONTHS, readRecord, recordsOf, toKey, toRecordItem } from './items.ts'
import { readPageToken, toPageToken } from './page-token.ts'
import type { Table } from './table.ts'

const PAGE_ITEMS = 100

interface RecordPage {
  readonly month: string
  /** The sort key of the last record before; empty: none. */
  readonly before: string
}

export interface Records {
  /** `ms`: when, in milliseconds. */
  write(record: RevocationRecord, ms: number): Promise<void>
  read(page: string | null): Promise<Page<RevocationRecord>>
}

export function createRecords(table: Table): Records {
  /** The months that have an item of their own already. */
  const known = new Set<string>()
  /** Keeps records of the same millisecond in order. */
  let written = 0

  const monthBefore = async (month: string | null): Promise<string | null> => {
    const { items } = await table.latest(MONTHS, month, 1)
    return items[0]?.['sk']?.S ?? null
  }

  return {
    async write(record, ms) {
      const month = monthOf(ms)
      if (!known.has(month)) {
        await table.add(toKey({ pk: MONTHS, sk: month }))
        known.add(month)
      }
      const order = String(written++ % 1_000_000).padStart(6, '0')
      const sk = `${new Date(ms).toISOString()}#${order}#${randomUUID()}`
      if (!(await table.add(toRecordItem({ pk: recordsOf(month), sk }, record))))
        throw new Error('there is a record of this name already')
    },

    async read(page) {
      let at: RecordPage | null =
        page === null ? null : readPageToken<RecordPage>(page, { month: 'string', before: 'string' })
      if (at === null) {
        const month = await monthBefore(null)
        if (month === null) return { items: [], next: null }
        at = { month, before: '' }
      }
      for (;;) {
        const { items, next } = await table.latest(
          recordsOf(at.month),
          at.before === '' ? null : at.before,
          PAGE_ITEMS,
        )
        let following: RecordPage | null = next === null ? null : { month: at.month, before: next.sk }
        if (following === null) {
          const month = await monthBefore(at.month)
          following = month === null ? null : { month, before: '' }
        }
        if (items.length > 0 || following === null)
          return {
            items: items.map(readRecord),
            next: following === null ? null : toPageToken(following),
          }
        at = following
      }
    },
  }
}
