// Whether a grant has the scopes that a route demands. They compare exactly; there is no hierarchy. RFC 6749 section
// 3.3.

import type { ResolvedRoute } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'

type Demand = NonNullable<ResolvedRoute['demand']>

export function checkScope(granted: readonly string[], demand: Demand): Failure | null {
  const missing = demand.allOf.filter((scope) => !granted.includes(scope))
  if (missing.length > 0) return failure('insufficient_scope', { missing: missing.join(' ') })
  if (demand.anyOf.length > 0 && !demand.anyOf.some((scope) => granted.includes(scope))) {
    return failure('insufficient_scope', { missing: `one of: ${demand.anyOf.join(' ')}` })
  }
  return null
}
