// Part of the Lambda: signatures by ECDSA.

import { ES } from '../../node/algorithms/es.ts'
import type { LambdaParts } from '../planned-handler.ts'

export const es: LambdaParts = { algorithms: ES }
