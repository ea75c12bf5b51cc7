// The bodies of requests to the admin endpoint: each within its bounds, all of them with every request once.

import { expect, test } from 'vitest'
import { toBodies } from '../../../cli/revocation/admin-bodies.ts'

const AUTHOR = { by: 'grace', reason: 'left the company' }

const requestsOf = (count: number, id = 'user') =>
  Array.from({ length: count }, (_, index) => ({
    kind: 'sub' as const,
    issuer: `https://${index}.example`,
    id,
  }))

test.each([
  [1, 'user', [1]],
  [100, 'user', [100]],
  [101, 'user', [100, 1]],
  [5, 'x'.repeat(8_000), [2, 2, 1]],
  [2, 'ä'.repeat(4_000), [2]],
  [2, 'ä'.repeat(4_100), [1, 1]],
  [2, 'x'.repeat(20_000), [1, 1]],
])('%d requests about %.4s', (count, id, sizes) => {
  const requests = requestsOf(count, id)
  const bodies = toBodies(requests, AUTHOR)
  expect(bodies.map((body) => body.requests.length)).toEqual(sizes)
  expect(bodies.flatMap((body) => body.requests)).toEqual(requests)
  for (const { by, reason } of bodies) expect({ by, reason }).toEqual(AUTHOR)
})
