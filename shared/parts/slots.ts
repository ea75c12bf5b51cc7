// Part: values of `${env:NAME}` that a build has left to the environment of the edge.

import { fillSlots } from '../plan/slots.ts'
import type { Part } from './parts.ts'

export const slots: Part = { fillSlots }
