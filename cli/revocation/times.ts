// Times of the commands that revoke: `--before`, and how the times of an entry are shown. Seconds since the epoch.

import { FOREVER } from '../../shared/edge.ts'
import { Stop } from '../stop.ts'

/** ISO 8601 with the time zone, or a date alone, which is its midnight in UTC. */
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d))?$/

function parseIso(text: string): number | null {
  const [, year, month, day] = ISO.exec(text) ?? []
  if (year === undefined) return null
  // `Date` takes the 31st of a short month for the 1st of the next.
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return null
  const milliseconds = Date.parse(text)
  return Number.isFinite(milliseconds) ? Math.floor(milliseconds / 1000) : null
}

/** A time that somebody wrote, in ISO 8601 or as seconds since the epoch; `null`: it is none. */
export const parseTime = (text: string): number | null =>
  /^\d{1,15}$/.test(text) ? Number(text) : parseIso(text)

/**
 * The time of `--before`. `now`: seconds since the epoch.
 *
 * @throws {Stop} If it is no time, or in the future (exit code 2).
 */
export function parseBefore(text: string, now: number): number {
  const time = parseTime(text)
  if (time === null || time < 0)
    throw new Stop('--before is a time such as 2026-11-30T14:00:00Z, a date, or seconds since the epoch.', 2)
  if (time > now)
    throw new Stop('--before is in the future; tokens that are not issued yet cannot be revoked.', 2)
  return time
}

/** A time in UTC, to the second. */
export const shownTime = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

/** `notBefore` of an entry. */
export const shownNotBefore = (seconds: number): string =>
  seconds >= FOREVER ? 'whenever' : `until ${shownTime(seconds)}`

/** `until` of an entry. */
export const shownUntil = (seconds: number): string => (seconds >= FOREVER ? 'for ever' : shownTime(seconds))
