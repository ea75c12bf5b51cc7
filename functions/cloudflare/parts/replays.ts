// Part of the Worker: the store of used DPoP proofs behind a binding (`dpop.replay.durableObject`).

import type { DurableObjectNamespaceLike } from '../durable-objects.ts'
import type { WorkerParts } from '../planned-worker.ts'
import { createDurableObjectReplays } from '../replays.ts'

export const replays: WorkerParts = {
  replays: ({ dpop }, env) =>
    createDurableObjectReplays(env[dpop!.replay.durableObject!] as DurableObjectNamespaceLike),
}
