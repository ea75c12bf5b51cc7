// The `kid`s that were in no key set of an issuer. A client that repeats such a `kid` causes fewer and fewer fetches.

import { absentFrom, type Absence, type Freshness } from './freshness.ts'

/** The most `kid`s that are kept; the oldest is dropped first. */
export const MAX_ABSENT_KIDS = 500

export interface AbsentKids {
  get(kid: string): Absence | undefined
  /** Records whether the `kid` is absent from the keys that were fetched last. */
  record(kid: string, isAbsent: boolean, freshness: Freshness): void
}

export function createAbsentKids(): AbsentKids {
  const absences = new Map<string, Absence>()
  return {
    get: (kid) => absences.get(kid),
    record(kid, isAbsent, freshness) {
      const before = absences.get(kid)
      absences.delete(kid)
      if (!isAbsent) return
      absences.set(kid, absentFrom(freshness, before))
      const [oldest] = absences.keys()
      if (absences.size > MAX_ABSENT_KIDS) absences.delete(oldest!)
    },
  }
}
