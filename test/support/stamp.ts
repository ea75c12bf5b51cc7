// The members that an edge adds to every event: which configuration and which version decided.

import { expect } from 'vitest'
import { VERSION } from '../../shared/platform/version.ts'

export const STAMP = {
  plan: expect.stringMatching(/^[\w-]{12}$/) as string,
  version: VERSION,
}
