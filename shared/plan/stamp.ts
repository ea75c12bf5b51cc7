// The marks of a plan in the log.

import type { Stamp } from '../audit/decision-event.ts'
import { VERSION } from '../platform/version.ts'
import type { Plan } from './plan.ts'

/** Which configuration and which version of Lanekeeper an event is of: the hash of the plan, and the version. */
export const stampOf = ({ hash }: Pick<Plan, 'hash'>): Stamp => ({ plan: hash, version: VERSION })
