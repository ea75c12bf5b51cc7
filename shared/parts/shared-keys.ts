// Part: key sets that instances share through a cache of the platform.

import { SHARED_KEYS } from '../keys/shared-key-cache.ts'
import type { Part } from './parts.ts'

export const sharedKeys: Part = { sharedKeys: SHARED_KEYS }
