// The rows about tokens that are bound to a DPoP key, through every edge.

import { expect, test } from 'vitest'
import { DPOP_ROWS, DPOP_SUITE } from '../cases/dpop/index.ts'
import { checkSuites } from './check-sender.ts'

test('row ids are unique', () => {
  const ids = DPOP_ROWS.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

checkSuites([DPOP_SUITE], [DPOP_SUITE])
