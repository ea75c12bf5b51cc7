// Every part of a Fetch edge, for one that compiles its configuration when it starts.

import { createAssertions } from '../../shared/index.ts'
import { CORS_PART } from './cors.ts'
import { createDiagnostics } from './diagnostics.ts'
import { DPOP_PART } from './dpop.ts'
import type { FetchParts } from './handler.ts'
import { senderMetadata } from './parts/sender-metadata.ts'
import { PUBLISHED_PART } from './published.ts'
import { RECEIVERS_PART } from './receivers.ts'

export const ALL_FETCH_PARTS: FetchParts = {
  ...senderMetadata,
  cors: CORS_PART,
  createAssertions,
  createDiagnostics,
  dpop: DPOP_PART,
  published: PUBLISHED_PART,
  receivers: RECEIVERS_PART,
}
