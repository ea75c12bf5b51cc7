// What is left of the questions that a server answers us, as its answers tell: `x-ratelimit-*` (GitHub, Auth0), `ratelimit-*`
// (GitLab, and the IETF draft on RateLimit fields until its version 07), `x-rate-limit-*` (Okta), `x-app-usage` (Facebook). The fields may be
// absent, and then nothing is known.

import type { HttpAnswer } from './ports.ts'

export interface Allowance {
  /** Questions in one window. */
  readonly limit: number
  /** How many of them are left. */
  readonly remaining: number
  /** When the window ends; milliseconds since the epoch. */
  readonly until: number
}

/** Longest window that is believed. */
const MAX_WINDOW_SECONDS = 3_600

/** Facebook counts over the last hour and names no end: what it said is believed for so long. */
const USAGE_SECONDS = 60

const FIELDS = ['x-ratelimit-', 'ratelimit-', 'x-rate-limit-']

/** A time since the epoch is told from seconds to wait by its size. */
const LEAST_TIME = 1_000_000_000

const toWhole = (text: string | null): number | null =>
  text !== null && /^\d{1,12}$/.test(text.trim()) ? Number(text) : null

function readUsage(text: string | null): number | null {
  const [, percent] = /"call_count"\s*:\s*(\d{1,6})\b/.exec(text ?? '') ?? []
  return percent === undefined ? null : Number(percent)
}

/** `null` where the answer does not tell. `now`: milliseconds since the epoch. */
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
