// All known suites, in the order in which they run.

import { BEARER_REQUESTS } from './bearer-requests.ts'
import { JOSE_COOKBOOK } from './jose-cookbook.ts'
import { JSON_TEST_SUITE } from './json-test-suite.ts'
import { RFC_EXAMPLES } from './rfc-examples.ts'
import type { Suite } from './suite.ts'
import { WYCHEPROOF } from './wycheproof.ts'

export const SUITES: readonly Suite[] = [
  WYCHEPROOF,
  JOSE_COOKBOOK,
  RFC_EXAMPLES,
  JSON_TEST_SUITE,
  BEARER_REQUESTS,
]
