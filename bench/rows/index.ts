// Every row and what runs it.

import type { RunRow } from '../row.ts'
import type { RowName } from '../rows.ts'
import { runBundle } from './bundle.ts'
import { runColdStart } from './cold-start.ts'
import { runDpop } from './dpop.ts'
import { runIssuers } from './issuers.ts'
import { runLargeStart } from './large-start.ts'
import { runMemory } from './memory.ts'
import { runMtls } from './mtls.ts'
import { runRevocation } from './revocation.ts'
import { runRoutes } from './routes.ts'
import { runSeen } from './seen.ts'
import { runUnseen } from './unseen.ts'
import { runWorkerSeen } from './worker-seen.ts'
import { runWorkerStart } from './worker-start.ts'
import { runWorkerUnseen } from './worker-unseen.ts'

export const RUN_ROWS: Readonly<Record<RowName, RunRow>> = {
  unseen: runUnseen,
  seen: runSeen,
  'worker-seen': runWorkerSeen,
  'worker-unseen': runWorkerUnseen,
  'worker-start': runWorkerStart,
  'cold-start': runColdStart,
  'large-start': runLargeStart,
  bundle: runBundle,
  routes: runRoutes,
  issuers: runIssuers,
  revocation: runRevocation,
  dpop: runDpop,
  mtls: runMtls,
  memory: runMemory,
}
