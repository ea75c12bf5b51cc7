// Part of the Lambda: policies of the strategy `table`.

import type { LambdaParts } from '../planned-handler.ts'
import { toTablePolicy } from '../table/policy.ts'

export const table: LambdaParts = { toTablePolicy }
