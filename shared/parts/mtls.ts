// Part: tokens that are bound to a client certificate (`senderConstraint`).

import { createBound } from '../sender/bound.ts'
import { createMtls } from '../sender/mtls/mtls.ts'
import type { Part } from './parts.ts'

export const mtls: Part = { senderConstraint: createBound, mtls: createMtls }
