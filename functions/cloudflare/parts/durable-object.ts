// Part of the Worker: the store of revocations behind a binding (`revocation.durableObject`).

import type { DurableObjectNamespaceLike } from '../durable-objects.ts'
import type { WorkerParts } from '../planned-worker.ts'
import { createDurableObjectStore } from '../revocations.ts'

export const durableObject: WorkerParts = {
  revocations: ({ revocation }, env) =>
    createDurableObjectStore(env[revocation!.durableObject!] as DurableObjectNamespaceLike),
}
