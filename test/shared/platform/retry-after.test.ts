// The waiting time that a Retry-After field asks for, as a table.

import { expect, test } from 'vitest'
import { readRetryAfter } from '../../../shared/platform/retry-after.ts'

const NOW = 1_800_000_000
const USED = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(NOW + 40) }

test.each<[string, Record<string, string>, number | null]>([
  ['nothing', {}, null],
  ['seconds', { 'retry-after': '17' }, 17],
  ['no time', { 'retry-after': '0' }, 1],
  ['a day', { 'retry-after': '86400' }, 3_600],
  ['a date', { 'retry-after': new Date((NOW + 17) * 1000).toUTCString() }, 17],
  ['a date that has passed', { 'retry-after': new Date((NOW - 17) * 1000).toUTCString() }, 1],
  ['neither', { 'retry-after': 'soon' }, null],
  ['a fraction, as no standard has it', { 'retry-after': '-1.5x' }, null],
  ['the end of an allowance', USED, 40],
  ['both', { ...USED, 'retry-after': '17' }, 17],
  ['an allowance that is not used up', { ...USED, 'x-ratelimit-remaining': '1' }, null],
  ['an allowance without an end', { 'x-ratelimit-remaining': '0' }, null],
  ['an allowance that has ended', { ...USED, 'x-ratelimit-reset': '0' }, 1],
])('%s', (_, headers, seconds) => {
  expect(readRetryAfter(new Headers(headers), NOW)).toBe(seconds)
})
