// Every row and what runs it.

import type { RunRow } from '../row.ts'
import type { RowName } from '../rows.ts'
import { runColdStart } from './cold-start.ts'
import { runSeen } from './seen.ts'
import { runUnseen } from './unseen.ts'
import { runWorkerSeen } from './worker-seen.ts'
import { runWorkerUnseen } from './worker-unseen.ts'

export const RUN_ROWS: Readonly<Partial<Record<RowName, RunRow>>> = {
  unseen: runUnseen,
  seen: runSeen,
  'worker-seen': runWorkerSeen,
  'worker-unseen': runWorkerUnseen,
  'cold-start': runColdStart,
}
