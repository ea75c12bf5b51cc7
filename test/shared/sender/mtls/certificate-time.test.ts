// The times of a client certificate, as OpenSSL writes them: `certNotAfter` and `validity.notAfter`. `npm run fuzz`
// compares the reader with `Date`.

import { expect, test } from 'vitest'
import { readTime } from '../../../../shared/sender/mtls/certificate-time.ts'

test.each([
  ['Aug  5 09:36:04 2021 GMT', '2021-08-05T09:36:04Z'],
  ['Aug 05 09:36:04 2021 GMT', '2021-08-05T09:36:04Z'],
  ['Aug 5 09:36:04 2021 GMT', '2021-08-05T09:36:04Z'],
  ['Dec 22 19:39:00 2018 GMT', '2018-12-22T19:39:00Z'],
  ['Feb 29 00:00:00 2028 GMT', '2028-02-29T00:00:00Z'],
  ['Dec 31 23:59:59 9999 GMT', '9999-12-31T23:59:59Z'],
])('%s', (text, same) => {
  expect(readTime(text)).toBe(Date.parse(same) / 1000)
})

test.each([
  undefined,
  '',
  '2021-08-05T09:36:04Z',
  'Aug  5 09:36:04 2021',
  'Aug  5 09:36:04 2021 UTC',
  'Aug  5 09:36:04 2021 GMT ',
  'Aug  5 09:36:04.5 2021 GMT',
  'Aug   5 09:36:04 2021 GMT',
  'aug  5 09:36:04 2021 GMT',
  'ugS  5 09:36:04 2021 GMT',
  'Aug  0 09:36:04 2021 GMT',
  'Aug 32 09:36:04 2021 GMT',
  'Feb 29 00:00:00 2027 GMT',
  'Aug  5 24:00:00 2021 GMT',
  'Aug  5 09:60:04 2021 GMT',
  'Aug  5 09:36:60 2021 GMT',
  'Aug  5 09:36:04 0099 GMT',
  'Aug  5 09:36:04 10000 GMT',
  `Aug ${' '.repeat(65_536)}5 09:36:04 2021 GMT`,
])('no time: %s', (text) => {
  expect(readTime(text)).toBeNull()
})
