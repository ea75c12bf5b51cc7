// Part of the Worker: the store of revocations behind a binding (`revocation.durableObject`).

import type { WorkerParts } from '../planned-worker.ts'
import { createDurableObjectStore, type DurableObjectNamespaceLike } from '../revocations.ts'

export const durableObject: WorkerParts = {
  revocations: ({ revocation }, env) =>
    createDurableObjectStore(env[revocation!.durableObject!] as DurableObjectNamespaceLike),
}
