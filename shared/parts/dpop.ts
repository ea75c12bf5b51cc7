// Part: tokens that are bound to a DPoP key (`senderConstraint`).

import { createDpop } from '../sender/dpop/dpop.ts'
import type { Part } from './parts.ts'

export const dpop: Part = { senderConstraint: createDpop }
