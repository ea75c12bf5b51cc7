// Times as a person compares them: the time itself, and how far it is from that of the request.

import { shownTime } from '../revocation/times.ts'

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** `1 h 5 min`: the two largest units that are not zero. */
export function shownSpan(seconds: number): string {
  let rest = Math.round(Math.abs(seconds))
  const parts = UNITS.flatMap(([unit, size]) => {
    const count = Math.floor(rest / size)
    rest -= count * size
    return count === 0 ? [] : [`${count} ${unit}`]
  })
  return parts.length === 0 ? '0 s' : parts.slice(0, 2).join(' ')
}

/** In UTC, to the second. */
export const shownAt = (seconds: number): string =>
  shownTime(Math.floor(Math.min(Math.max(seconds, -8e12), 8e12)))

/** `2026-11-30T12:00:00Z (5 min ago)`. */
export function shownFrom(seconds: number, now: number): string {
  const apart = seconds - now
  const from =
    Math.round(apart) === 0 ? 'now' : apart < 0 ? `${shownSpan(apart)} ago` : `in ${shownSpan(apart)}`
  return `${shownAt(seconds)} (${from})`
}
