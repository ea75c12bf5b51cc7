// Part of a Fetch edge: the documents that it serves itself.

import type { FetchParts } from '../handler.ts'
import { PUBLISHED_PART } from '../published.ts'

export const published: FetchParts = { published: PUBLISHED_PART }
