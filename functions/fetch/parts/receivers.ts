// Part of a Fetch edge: the receivers of messages from issuers (`revocation.logout`).

import type { FetchParts } from '../handler.ts'
import { RECEIVERS_PART } from '../receivers.ts'

export const receivers: FetchParts = { receivers: RECEIVERS_PART }
