// Part of a Fetch edge: the signed assertion for the origin (`origin.assertion`).

import { createAssertions } from '../../../shared/parts/assertion.ts'
import type { FetchParts } from '../handler.ts'

export const assertion: FetchParts = { createAssertions }
