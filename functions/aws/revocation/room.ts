// How many entries a table has, in an item of its own. Room is taken before an entry is written and given back where it
// is not, so that a writer that stops halfway leaves the count too high. DynamoDB deletes entries by their time to live
// without counting them, so a count of the whole table corrects the item. No correction makes it too low.

import { maxSingleEntries, type StoreLimits } from '../../../shared/edge.ts'
import { COUNT, numberValue } from './items.ts'
import type { Table } from './table.ts'

/** Entries in the table, and those among them that are about one token or session. */
export interface Counted {
  readonly entries: number
  readonly singles: number
}

/** The item at one moment. */
export interface Count extends Counted {
  /** How often room was ever taken. */
  readonly taken: number
  /** Writers that have taken room and not said yet whether they needed it. */
  readonly open: number
  /** How often the item was ever corrected. */
  readonly corrections: number
  /** When room was last taken, in seconds since the epoch. */
  readonly takenAt: number
  /** When this was read. */
  readonly readAt: number
}

/** After so long a writer that has not said whether it needed its room has stopped halfway. */
const STOPPED_SECONDS = 60

/**
 * Whether a count of the table that begins now can correct the item. A writer that has taken room already may write its
 * entry where the count has passed.
 */
export const isSettled = ({ open, takenAt, readAt }: Count): boolean =>
  open === 0 || takenAt + STOPPED_SECONDS < readAt

export interface Room {
  /** `false`: the table is full. */
  take(isSingle: boolean): Promise<boolean>
  /** After `take`, where the entry was written. */
  keep(): Promise<void>
  /** After `take`, where no entry was written. */
  giveBack(isSingle: boolean): Promise<void>
  /** After an entry was removed. `before`: the count before that. Does nothing if it was corrected since. */
  free(isSingle: boolean, before: Count): Promise<void>
  read(): Promise<Count>
  /**
   * Corrects the item after the whole table was counted. `before`: the count when that began. Room that was taken
   * meanwhile is added, whether or not `counted` has its entry. Does nothing if `before` is not settled, or if another
   * correction was made since.
   */
  correct(before: Count, counted: Counted): Promise<void>
}

const NAMES = { '#entries': 'entries', '#singles': 'singles' }

/** `seconds`: the time since the epoch. */
export function createRoom(table: Table, limits: StoreLimits, seconds: () => number): Room {
  const add = (entries: number, singles: number) => ({
    ':entries': numberValue(entries),
    ':singles': numberValue(singles),
  })
  const less = (name: string, max: string) => `(attribute_not_exists(${name}) OR ${name} < ${max})`

  const uncorrectedSince = ({ corrections }: Count) =>
    corrections === 0
      ? { condition: 'attribute_not_exists(#corrections)', values: {} }
      : {
          condition: '#corrections = :corrections',
          values: { ':corrections': numberValue(corrections) },
        }

  return {
    async take(isSingle) {
      const max = isSingle ? maxSingleEntries(limits) : limits.maxEntries
      if (max < 1) return false
      return table.update(COUNT, {
        expression: 'ADD #entries :entries, #singles :singles, #taken :one, #open :one SET #takenAt = :now',
        condition: isSingle
          ? `${less('#entries', ':max')} AND ${less('#singles', ':maxSingles')}`
          : less('#entries', ':max'),
        names: { ...NAMES, '#taken': 'taken', '#open': 'open', '#takenAt': 'takenAt' },
        values: {
          ...add(1, isSingle ? 1 : 0),
          ':one': numberValue(1),
          ':now': numberValue(seconds()),
          ':max': numberValue(limits.maxEntries),
          ...(isSingle ? { ':maxSingles': numberValue(max) } : {}),
        },
      })
    },

    async keep() {
      await table.update(COUNT, {
        expression: 'ADD #open :less',
        names: { '#open': 'open' },
        values: { ':less': numberValue(-1) },
      })
    },

    async giveBack(isSingle) {
      await table.update(COUNT, {
        expression: 'ADD #entries :entries, #singles :singles, #open :less',
        names: { ...NAMES, '#open': 'open' },
        values: { ...add(-1, isSingle ? -1 : 0), ':less': numberValue(-1) },
      })
    },

    async free(isSingle, before) {
      const { condition, values } = uncorrectedSince(before)
      await table.update(COUNT, {
        expression: 'ADD #entries :entries, #singles :singles',
        condition,
        names: { ...NAMES, '#corrections': 'corrections' },
        values: { ...add(-1, isSingle ? -1 : 0), ...values },
      })
    },

    async read() {
      const readAt = seconds()
      const item = (await table.get(COUNT)) ?? {}
      const numberIn = (name: keyof Count) => Number(item[name]?.N ?? 0)
      return {
        entries: numberIn('entries'),
        singles: numberIn('singles'),
        taken: numberIn('taken'),
        open: numberIn('open'),
        corrections: numberIn('corrections'),
        takenAt: numberIn('takenAt'),
        readAt,
      }
    },

    async correct(before, { entries, singles }) {
      if (!isSettled(before)) return
      if (entries === before.entries && singles === before.singles && before.open === 0) return
      const { condition, values } = uncorrectedSince(before)
      const taken = 'if_not_exists(#taken, :zero)'
      await table.update(COUNT, {
        expression: [
          `SET #entries = ${taken} + :entries, #singles = ${taken} + :singles`,
          'ADD #corrections :one, #open :open',
        ].join(' '),
        condition,
        names: { ...NAMES, '#taken': 'taken', '#open': 'open', '#corrections': 'corrections' },
        values: {
          ...add(entries - before.taken, singles - before.taken),
          ':zero': numberValue(0),
          ':one': numberValue(1),
          ':open': numberValue(-before.open),
          ...values,
        },
      })
    },
  }
}
