// The rows about bound tokens, through every edge. Report-only differs from enforcement only after the decision, and
// `createWorker` and `createHandler` from artefacts only before it, so one row for each code is enough there.

import { expect, test } from 'vitest'
import { DPOP_ROWS } from '../cases/dpop/index.ts'
import type { EdgeName } from '../cases/row.ts'
import { CREATED_EDGES, EDGES } from './all-edges.ts'
import { checkDpop, firstOfEachCode } from './check-dpop.ts'

test('row ids are unique', () => {
  const ids = DPOP_ROWS.map(({ id }) => id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

for (const [name, open] of Object.entries(EDGES) as [EdgeName, (typeof EDGES)[EdgeName]][]) {
  checkDpop(name, open)
  checkDpop(name, open, { reportOnly: true, rows: firstOfEachCode(name) })
}

const CREATED = { worker: 'createWorker', 'rest REQUEST': 'createHandler' } as const

for (const [name, title] of Object.entries(CREATED) as [keyof typeof CREATED, string][])
  checkDpop(name, CREATED_EDGES[name], { title, rows: firstOfEachCode(name) })
