// Part: conditions of routes besides scopes.

import { CONDITION_RULES } from '../policy/conditions.ts'
import type { Part } from './parts.ts'

export const conditions: Part = { conditions: CONDITION_RULES }
