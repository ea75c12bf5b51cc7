// Part of the store Worker: the used DPoP proofs (`dpop.replay.durableObject`). It reads no configuration.

import { createReplayObject } from '../replay-object.ts'
import type { DurableObjectBase } from '../revocation-object.ts'

export const replays = (Base: DurableObjectBase): ReturnType<typeof createReplayObject> =>
  createReplayObject(Base, () => Date.now())
