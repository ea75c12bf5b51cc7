// Every case row through the core, enforced and with everything report-only.

import { expect, test } from 'vitest'
import { CASE_ROWS } from '../cases/index.ts'
import { checkEdge } from './check-edge.ts'
import { openCoreEdge } from './core-edge.ts'
import { rowsFor } from './rows-for.ts'

test('row ids are unique', () => {
  const ids = CASE_ROWS.map((row) => row.id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

checkEdge('core', openCoreEdge, rowsFor('core'))
checkEdge('core', openCoreEdge, rowsFor('core'), { reportOnly: true })
