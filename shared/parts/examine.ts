// Part: the grant of a token whatever the route decides (`Authorizer.examine`), for answers about several requests.

import { examine as examineWith } from '../pipeline.ts'
import { ANY_ROUTE } from '../wiring.ts'
import type { Part } from './parts.ts'

export const examine = {
  examine: (context, stages) => examineWith(context, stages, ANY_ROUTE),
} satisfies Part
