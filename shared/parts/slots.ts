// Part: values of `origin` and `publicUrls` that a build has left to the environment of the edge.

import { createFillSlots } from '../plan/slots.ts'
import type { Part } from './parts.ts'

export const slots: Part = { fillSlots: createFillSlots() }
