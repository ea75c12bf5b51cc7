// Every row and what runs it.

import type { RunRow } from '../row.ts'
import type { RowName } from '../rows.ts'
import { runSeen } from './seen.ts'
import { runUnseen } from './unseen.ts'
import { runWorkerSeen } from './worker-seen.ts'

export const RUN_ROWS: Readonly<Partial<Record<RowName, RunRow>>> = {
  unseen: runUnseen,
  seen: runSeen,
  'worker-seen': runWorkerSeen,
}
