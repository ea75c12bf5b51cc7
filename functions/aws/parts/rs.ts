// Part of the Lambda: signatures by RSASSA-PKCS1-v1_5.

import { RS } from '../../node/algorithms/rs.ts'
import type { LambdaParts } from '../planned-handler.ts'

export const rs: LambdaParts = { algorithms: RS }
