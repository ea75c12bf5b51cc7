// Part: protected resources (RFC 9728), of which a token must be for the one that is requested.

import { RESOURCE_RULES } from '../policy/resource-rule.ts'
import { findResource } from '../routes/resource-path.ts'
import type { Part } from './parts.ts'

export const resources: Part = { resources: { find: findResource, rules: RESOURCE_RULES } }
