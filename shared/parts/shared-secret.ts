// Part: tokens signed with a shared secret (`keys.secret`).

import { createSharedSecret } from '../keys/shared-secret.ts'
import type { Part } from './parts.ts'

export const sharedSecret: Part = { sharedSecret: createSharedSecret }
