// Part: tokens that are bound to a DPoP key (`senderConstraint`).

import { createBound } from '../sender/bound.ts'
import { createDpop } from '../sender/dpop/dpop.ts'
import type { Part } from './parts.ts'

export const dpop: Part = { senderConstraint: createBound, dpop: createDpop }
