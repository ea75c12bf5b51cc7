// Part: what `slots` fills, and values of issuers that a build has left to the environment of the edge.

import { fillIssuers } from '../plan/issuer-slots.ts'
import { createFillSlots } from '../plan/slots.ts'
import type { Part } from './parts.ts'

export const issuerSlots: Part = { fillSlots: createFillSlots({ issuers: fillIssuers }) }
