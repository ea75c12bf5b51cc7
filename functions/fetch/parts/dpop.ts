// Part of a Fetch edge: tokens that may be bound to DPoP keys (`senderConstraint`).

import { DPOP_PART } from '../dpop.ts'
import type { FetchParts } from '../handler.ts'

export const dpop: FetchParts = { dpop: DPOP_PART }
