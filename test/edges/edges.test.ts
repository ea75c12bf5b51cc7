// The case rows through the Worker in workerd and the Lambda handler with each of its event shapes. Report-only differs
// from enforcement only after the decision, so one row for each code is enough there.

import { EDGES } from './all-edges.ts'
import { checkEdge } from './check-edge.ts'
import { firstOfEachCode, rowsFor } from './rows-for.ts'
import type { EdgeName } from '../cases/row.ts'

const { core: _, ...edges } = EDGES

for (const [name, open] of Object.entries(edges) as [EdgeName, (typeof edges)[keyof typeof edges]][]) {
  checkEdge(name, open, rowsFor(name))
  checkEdge(name, open, firstOfEachCode(name), { reportOnly: true })
}
