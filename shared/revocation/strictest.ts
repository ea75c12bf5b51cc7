// What the readers of stores have in common: which of the entries about a token counts, and the failure without an
// answer.

import { failure, type Failure } from '../failures/failure.ts'
import type { EntryTimes } from './entry.ts'
import type { Strictest } from './revocable.ts'

const NONE: Strictest = { notBefore: 0, index: 0 }

/** Of some entries the one with the latest `notBefore`. An entry that has ended is none. `now`: seconds. */
export function strictestOf(found: readonly (EntryTimes | null | undefined)[], now: number): Strictest {
  let strictest = NONE
  for (const [index, times] of found.entries())
    if (times != null && times.until >= now && times.notBefore > strictest.notBefore)
      strictest = { notBefore: times.notBefore, index }
  return strictest
}

export const unavailable = (problem: string): Failure => failure('revocation_unavailable', { problem })
