// Part of the Lambda: signatures by Ed25519.

import { ED } from '../../node/algorithms/ed.ts'
import type { LambdaParts } from '../planned-handler.ts'

export const ed: LambdaParts = { algorithms: ED }
