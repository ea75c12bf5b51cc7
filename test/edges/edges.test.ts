// The case rows through the Worker in workerd and the Lambda handler in each of its event shapes. Report-only differs
// from enforcing after the decision alone, so there one row for each code is enough.

import { EDGES } from './all-edges.ts'
import { checkEdge } from './check-edge.ts'
import { firstOfEachCode, rowsFor } from './rows-for.ts'
import type { EdgeName } from '../cases/row.ts'

const { core: _, ...edges } = EDGES

for (const [name, open] of Object.entries(edges) as [EdgeName, (typeof edges)[keyof typeof edges]][]) {
  checkEdge(name, open, rowsFor(name))
  checkEdge(name, open, firstOfEachCode(name), { reportOnly: true })
}
