// How many more requests a server allows, read from header fields of its answers: `x-ratelimit-*` (GitHub, Auth0),
// `ratelimit-*` (GitLab, and the IETF draft on RateLimit fields until its version 07), `x-rate-limit-*` (Okta),
// `x-app-usage` (Facebook). Without these fields the allowance is unknown.

import type { HttpAnswer } from './ports.ts'

export interface Allowance {
  /** Requests in one window. */
  readonly limit: number
  /** Requests that are left in this window. */
  readonly remaining: number
  /** When the window ends; milliseconds since the epoch. */
  readonly until: number
}

/** A window that is stated to be longer counts as this long. */
const MAX_WINDOW_SECONDS = 3_600

/** Facebook counts over the last hour and states no end of a window, so its figure is used for this long. */
const USAGE_SECONDS = 60

const FIELDS = ['x-ratelimit-', 'ratelimit-', 'x-rate-limit-']

/** From this value on `reset` is a time since the epoch; a smaller one is the number of seconds to wait. */
const LEAST_TIME = 1_000_000_000

const toWhole = (text: string | null): number | null =>
  text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null

function readUsage(text: string | null): number | null {
  const [, percent] = /"call_count"\s*:\s*(\d{1,6})\b/.exec(text ?? '') ?? []
  return percent === undefined ? null : Number(percent)
}

/** `null` where the answer has no usable field. `now`: milliseconds since the epoch. */
export function readAllowance(headers: HttpAnswer['headers'], now: number): Allowance | null {
  for (const prefix of FIELDS) {
    const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
      toWhole(headers.get(`${prefix}${name}`)),
    )
    if (limit == null || remaining == null || reset == null || limit === 0) continue
    const seconds = reset >= LEAST_TIME ? reset - now / 1000 : reset
    if (seconds <= 0) continue
    return { limit, remaining, until: now + 1000 * Math.min(MAX_WINDOW_SECONDS, seconds) }
  }
  const used = readUsage(headers.get('x-app-usage'))
  return used === null
    ? null
    : { limit: 100, remaining: Math.max(0, 100 - used), until: now + 1000 * USAGE_SECONDS }
}
