// Part: what `issuer-slots` fills, and resources whose values, or those of their issuers, a build has left to the
// environment of the edge.

import { fillIssuers } from '../plan/issuer-slots.ts'
import { fillResources } from '../plan/resource-slots.ts'
import { createFillSlots } from '../plan/slots.ts'
import type { Part } from './parts.ts'

export const resourceSlots: Part = {
  fillSlots: createFillSlots({ issuers: fillIssuers, resources: fillResources }),
}
