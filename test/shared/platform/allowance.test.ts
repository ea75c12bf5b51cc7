// What the header fields of answers say about our remaining allowance of requests, as a table.

import { expect, test } from 'vitest'
import { readAllowance, type Allowance } from '../../../shared/platform/allowance.ts'

const NOW = 1_800_000_000_000
const until = (limit: number, remaining: number, seconds: number): Allowance => ({
  limit,
  remaining,
  until: NOW + 1000 * seconds,
})
const fields = (prefix: string, limit: string, remaining: string, reset: string) => ({
  [`${prefix}limit`]: limit,
  [`${prefix}remaining`]: remaining,
  [`${prefix}reset`]: reset,
})
const at = (seconds: number) => String(NOW / 1000 + seconds)

test.each<[string, Record<string, string>, Allowance | null]>([
  ['nothing', {}, null],
  ['GitHub', fields('x-ratelimit-', '5000', '4999', at(600)), until(5_000, 4_999, 600)],
  ['GitLab', fields('ratelimit-', '500', '0', at(60)), until(500, 0, 60)],
  ['Okta', fields('x-rate-limit-', '100', '7', at(60)), until(100, 7, 60)],
  ['seconds to wait', fields('ratelimit-', '500', '9', '40'), until(500, 9, 40)],
  ['an end a day from now', fields('x-ratelimit-', '10', '9', at(86_400)), until(10, 9, 3_600)],
  ['an end that has passed', fields('x-ratelimit-', '10', '9', at(-1)), null],
  ['no limit', fields('x-ratelimit-', '0', '0', at(60)), null],
  ['no end', { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '9' }, null],
  ['words', fields('x-ratelimit-', 'many', '9', at(60)), null],
  ['less than nothing', fields('x-ratelimit-', '10', '-1', at(60)), null],
  [
    'one kind of fields that cannot be read, and one that can',
    { ...fields('x-ratelimit-', '10', '', at(60)), ...fields('ratelimit-', '10', '9', at(60)) },
    until(10, 9, 60),
  ],
  ['Facebook', { 'x-app-usage': '{"call_count":28,"total_time":25,"total_cputime":25}' }, until(100, 72, 60)],
  ['Facebook, more than all', { 'x-app-usage': '{"call_count": 140}' }, until(100, 0, 60)],
  ['Facebook, of something else', { 'x-app-usage': '{"total_time":25}' }, null],
])('%s', (_, headers, allowance) => {
  expect(readAllowance(new Headers(headers), NOW)).toEqual(allowance)
})
