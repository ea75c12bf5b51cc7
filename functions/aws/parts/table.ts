// Part of the Lambda: policies of the strategy `table`.

import type { LambdaParts } from '../planned-handler.ts'
import { answerTable } from '../table/answer.ts'

export const table: LambdaParts = { answerTable }
