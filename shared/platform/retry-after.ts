// How long a server asks us to wait: Retry-After, in seconds or as a date (RFC 9110 section 10.2.3), or the end of a
// used-up allowance (`x-ratelimit-reset` of GitHub). The circuit breaker waits no longer than `maxOpenMs`, whatever it
// says.

import type { HttpAnswer } from './ports.ts'

const MAX_SECONDS = 3_600

/** Whole seconds, 1 to 3600; `null` where no field is usable. `nowSeconds`: since the epoch. */
export function readRetryAfter(headers: HttpAnswer['headers'], nowSeconds: number): number | null {
  const text = headers.get('retry-after')?.trim() ?? ''
  const used = headers.get('x-ratelimit-remaining') === '0'
  const reset = used ? (headers.get('x-ratelimit-reset') ?? '') : ''
  const seconds = /^\d{1,9}$/.test(text)
    ? Number(text)
    : text !== ''
      ? Date.parse(text) / 1000 - nowSeconds
      : /^\d{1,12}$/.test(reset)
        ? Number(reset) - nowSeconds
        : Number.NaN
  return Number.isNaN(seconds) ? null : Math.min(MAX_SECONDS, Math.max(1, Math.ceil(seconds)))
}
