// Part: revoked tokens, with a snapshot of the store in each instance (`revocation.durableObject`).

import { createRevocationCheck } from '../revocation/revocation-part.ts'
import { createSnapshotReader } from '../revocation/snapshot-reader.ts'
import type { Part } from './parts.ts'

export const revocationSnapshots: Part = {
  revocation: (config, ports) => createRevocationCheck(config, ports, createSnapshotReader),
}
