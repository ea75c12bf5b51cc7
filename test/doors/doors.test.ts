// The case rows through the Worker in workerd and the Lambda handler in each of its event shapes. Report-only differs
// from enforcing after the decision alone, so there one row for each code is enough.

import { DOORS } from './all-doors.ts'
import { checkDoor } from './check-door.ts'
import { firstOfEachCode, rowsFor } from './rows-for.ts'
import type { DoorName } from '../cases/row.ts'

const { core: _, ...edges } = DOORS

for (const [name, open] of Object.entries(edges) as [DoorName, (typeof edges)[keyof typeof edges]][]) {
  checkDoor(name, open, rowsFor(name))
  checkDoor(name, open, firstOfEachCode(name), { reportOnly: true })
}
