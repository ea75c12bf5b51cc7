// The case rows through the Worker in workerd and the Lambda handler with each of its event shapes. Report-only differs
// from enforcement only after the decision, and `createWorker` and `createHandler` from artefacts only before it, so one
// row for each code is enough there.

import { expect, test } from 'vitest'
import { CORE_ROWS } from '../cases/index.ts'
import { CREATED_EDGES, EDGES } from './all-edges.ts'
import { checkEdge } from './check-edge.ts'
import { firstOfEachCode, rowsFor } from './rows-for.ts'
import { expectedCode, type EdgeName } from '../cases/row.ts'

const { core: _, ...edges } = EDGES

for (const [name, open] of Object.entries(edges) as [EdgeName, (typeof edges)[keyof typeof edges]][]) {
  checkEdge(name, open, rowsFor(name))
  checkEdge(name, open, firstOfEachCode(name), { reportOnly: true })
}

const CREATED = { worker: 'createWorker', 'rest REQUEST': 'createHandler' } as const

for (const [name, title] of Object.entries(CREATED) as [keyof typeof CREATED, string][])
  checkEdge(name, CREATED_EDGES[name], firstOfEachCode(name), { title })

test('each code of the rows goes through createWorker or createHandler', () => {
  const codes = new Set(CORE_ROWS.map((row) => expectedCode(row.expect)))
  for (const name of Object.keys(CREATED) as EdgeName[])
    for (const row of firstOfEachCode(name)) codes.delete(expectedCode(row.expect))
  expect([...codes]).toEqual([])
})
