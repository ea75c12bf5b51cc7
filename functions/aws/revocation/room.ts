// How many entries a table has, in an item of its own. Room is taken before an entry is written and given back where it
// is not, so that a writer that stops halfway leaves the count too high and never too low. Entries that DynamoDB deletes
// by their time to live, and room that was taken for nothing, are counted until somebody has listed the whole table.

import { maxSingleEntries, type StoreLimits } from '../../../shared/edge.ts'
import { COUNT, numberValue } from './items.ts'
import type { Table } from './table.ts'

/** Entries in the table, and those among them that are about one token or session. */
export interface Counted {
  readonly entries: number
  readonly singles: number
}

export interface Count extends Counted {
  /** How many entries were ever removed by `unrevoke`. */
  readonly removed: number
}

export interface Room {
  /** `false`: the table is full. */
  take(isSingle: boolean): Promise<boolean>
  /** After `take`, where no entry was written. */
  giveBack(isSingle: boolean): Promise<void>
  /** After an entry was removed. */
  free(isSingle: boolean): Promise<void>
  read(): Promise<Count>
  /**
   * Corrects the count after the whole table was counted. `before`: the count when that began. Nothing is corrected if
   * entries were removed meanwhile.
   */
  correct(before: Count, counted: Counted): Promise<void>
}

const NAMES = { '#entries': 'entries', '#singles': 'singles' }

export function createRoom(table: Table, limits: StoreLimits): Room {
  const add = (entries: number, singles: number) => ({
    ':entries': numberValue(entries),
    ':singles': numberValue(singles),
  })
  const less = (name: string, max: string) => `(attribute_not_exists(${name}) OR ${name} < ${max})`

  return {
    async take(isSingle) {
      const max = isSingle ? maxSingleEntries(limits) : limits.maxEntries
      if (max < 1) return false
      return table.update(COUNT, {
        expression: 'ADD #entries :entries, #singles :singles',
        condition: isSingle
          ? `${less('#entries', ':max')} AND ${less('#singles', ':maxSingles')}`
          : less('#entries', ':max'),
        names: NAMES,
        values: {
          ...add(1, isSingle ? 1 : 0),
          ':max': numberValue(limits.maxEntries),
          ...(isSingle ? { ':maxSingles': numberValue(max) } : {}),
        },
      })
    },

    async giveBack(isSingle) {
      await table.update(COUNT, {
        expression: 'ADD #entries :entries, #singles :singles',
        names: NAMES,
        values: add(-1, isSingle ? -1 : 0),
      })
    },

    async free(isSingle) {
      await table.update(COUNT, {
        expression: 'ADD #entries :entries, #singles :singles, #removed :one',
        names: { ...NAMES, '#removed': 'removed' },
        values: { ...add(-1, isSingle ? -1 : 0), ':one': numberValue(1) },
      })
    },

    async read() {
      const item = (await table.get(COUNT)) ?? {}
      const numberIn = (name: keyof Count) => Number(item[name]?.N ?? 0)
      return { entries: numberIn('entries'), singles: numberIn('singles'), removed: numberIn('removed') }
    },

    async correct(before, counted) {
      const entries = counted.entries - before.entries
      const singles = counted.singles - before.singles
      if (entries === 0 && singles === 0) return
      await table.update(COUNT, {
        expression: 'ADD #entries :entries, #singles :singles',
        condition: before.removed === 0 ? 'attribute_not_exists(#removed)' : '#removed = :removed',
        names: { ...NAMES, '#removed': 'removed' },
        values: {
          ...add(entries, singles),
          ...(before.removed === 0 ? {} : { ':removed': numberValue(before.removed) }),
        },
      })
    },
  }
}
