// Part: the store of used DPoP proofs that all instances share (`routes[].replay: 'strong'`).

import { createStoreCheck } from '../sender/dpop/store-check.ts'
import type { Part } from './parts.ts'

export const dpopReplays: Part = { dpopReplays: createStoreCheck }
