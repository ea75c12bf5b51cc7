// Part of a Fetch edge: what the metadata of resources says of bound tokens (`senderConstraint` beside `resources`).

import { describeSenders } from '../../../shared/parts/sender-metadata.ts'
import type { FetchParts } from '../handler.ts'

export const senderMetadata: FetchParts = { describe: describeSenders }
