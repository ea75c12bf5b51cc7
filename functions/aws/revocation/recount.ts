// Counts the entries of a table, page by page, and then corrects the item that has their number. A list of the entries
// counts them on its way. A writer that finds the table full counts for a few seconds and goes on at the next time.

import { isSingle, type ListedEntry } from '../../../shared/edge.ts'
import { ENTRY_PREFIX, readEntry, type ItemKey } from './items.ts'
import { isSettled, type Count, type Room } from './room.ts'
import type { Table } from './table.ts'

/** How far a count of the table is: the item when it began, the last key, and the entries seen so far. */
export interface Counting extends Count, ItemKey {
  readonly seen: number
  readonly seenSingles: number
}

/** The members of `Counting` and their types. */
export const COUNTING: Readonly<Record<keyof Counting, 'string' | 'number'>> = {
  ...{ pk: 'string', sk: 'string', seen: 'number', seenSingles: 'number' },
  ...{ entries: 'number', singles: 'number', taken: 'number', open: 'number', corrections: 'number' },
  ...{ takenAt: 'number', readAt: 'number' },
}

/** For how long a writer counts, in milliseconds: somebody waits for it. */
const RUN_MS = 5_000

/** How often a writer counts. */
const RUN_EVERY_MS = 60_000

export interface Recount {
  begin(): Promise<Counting>
  /** One page of entries. After the last one (`next` is `null`) the number is corrected. */
  step(
    counting: Counting,
  ): Promise<{ readonly entries: readonly ListedEntry[]; readonly next: Counting | null }>
  /** Whether the whole table was counted just now. `false` also where it could not be read. */
  run(): Promise<boolean>
}

/** `now`: milliseconds since the epoch. */
export function createRecount(table: Table, room: Room, now: () => number): Recount {
  let flight: Promise<boolean> | undefined
  let beganMs = Number.NEGATIVE_INFINITY
  let unfinished: Counting | null = null

  async function begin(): Promise<Counting> {
    return { ...(await room.read()), pk: '', sk: '', seen: 0, seenSingles: 0 }
  }

  async function step(counting: Counting) {
    const { pk, sk } = counting
    const { items, next } = await table.scan(ENTRY_PREFIX, pk === '' ? null : { pk, sk })
    const entries = items.map(readEntry)
    const seen = counting.seen + entries.length
    const seenSingles = counting.seenSingles + entries.filter(isSingle).length
    if (next === null) await room.correct(counting, { entries: seen, singles: seenSingles })
    return { entries, next: next && { ...counting, ...next, seen, seenSingles } }
  }

  async function count(): Promise<boolean> {
    let at = unfinished ?? (await begin())
    if (!isSettled(at)) return false
    unfinished = null
    beganMs = now()
    while (now() - beganMs < RUN_MS) {
      const { next } = await step(at)
      if (next === null) return true
      at = next
    }
    unfinished = at
    return false
  }

  return {
    begin,
    step,
    async run() {
      if (flight === undefined && now() - beganMs < RUN_EVERY_MS) return false
      flight ??= count()
        .catch(() => false)
        .finally(() => {
          flight = undefined
        })
      return flight
    },
  }
}
