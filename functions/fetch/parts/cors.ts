// Part of a Fetch edge: CORS.

import { CORS_PART } from '../cors.ts'
import type { FetchParts } from '../handler.ts'

export const cors: FetchParts = { cors: CORS_PART }
