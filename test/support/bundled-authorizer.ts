// An authorizer as a built edge has it: read from a plan, with bundled keys and the part for them.

import { assemble, fill, type EdgeName, type Plan, type Ports } from '../../shared/edge.ts'
import type { EdgeLimits } from '../../shared/assemble.ts'
import { bundledKeys } from '../../shared/parts/bundled-keys.ts'
import type { Variables } from '../../shared/plan/environment.ts'
import { partsOf, STEPS } from '../../shared/steps.ts'

export const assembleBundled = (
  plan: Plan,
  edge: EdgeName | null,
  ports: Ports,
  env: Variables = {},
  limits: EdgeLimits = {},
) => assemble(fill(plan, edge, env), ports, { ...partsOf(STEPS), ...bundledKeys }, limits)
