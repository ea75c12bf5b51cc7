// Part of the Lambda: signatures by RSASSA-PSS.

import { PS } from '../../node/algorithms/ps.ts'
import type { LambdaParts } from '../planned-handler.ts'

export const ps: LambdaParts = { algorithms: PS }
