// How far the clock of a server is from ours, as its `Date` field tells. The field has whole seconds, and the answer took
// some time, so a difference is known between two bounds only: the smaller one counts. RFC 9110 section 6.6.1; for an
// answer of a cache, RFC 9111 section 5.1 (`Age`).

import type { Exchange } from './observed-fetch.ts'

/** An IMF-fixdate. RFC 9110 section 5.6.7; the two obsolete forms are not sent by any server of today. */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

const SECOND_MS = 1_000

/**
 * The least difference that the field and the time of the answer allow, in milliseconds; above 0 if the server is ahead,
 * 0 if both clocks may agree. `null`: the answer has no usable `Date`.
 */
export function clockDifferenceMs({
  startedAt,
  answeredAt,
  fields: { date, age },
}: Pick<Exchange, 'startedAt' | 'answeredAt' | 'fields'>): number | null {
  if (answeredAt === null || date === null || !DATE.test(date)) return null
  const isKept = age !== null && /^\d{1,9}$/.test(age)
  const stated = Date.parse(date) + (isKept ? SECOND_MS * Number(age) : 0)
  if (Number.isNaN(stated)) return null
  const resolutionMs = isKept ? 2 * SECOND_MS : SECOND_MS
  const [least, most] = [stated - answeredAt, stated + resolutionMs - startedAt]
  return least > 0 ? least : most < 0 ? most : 0
}

/** For each host the smallest difference of its answers: one that a cache has kept without `Age` looks like a clock. */
export function differencesByHost(exchanges: readonly Exchange[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const exchange of exchanges) {
    const difference = clockDifferenceMs(exchange)
    const known = found.get(exchange.host)
    if (difference !== null && (known === undefined || Math.abs(difference) < Math.abs(known)))
      found.set(exchange.host, difference)
  }
  return found
}

/** `same`, `12 s ahead`, `3 s behind`. */
export function describeDifference(ms: number | null): string {
  if (ms === null) return 'not stated'
  const seconds = Math.ceil(Math.abs(ms) / SECOND_MS)
  return seconds === 0 ? 'same' : `${seconds} s ${ms > 0 ? 'ahead' : 'behind'}`
}
