// Every check that fills a stage of the pipeline, by name. A test removes one and shows which case then gets the wrong
// decision.

import { readCredential } from './credential/bearer.ts'
import { GRANT_STEPS } from './grant/grant-stage.ts'
import { INTROSPECTION_PART_STEPS } from './introspection/introspection-part.ts'
import { KEY_STEPS } from './keys/issuer-keys.ts'
import { POLICY_STEPS } from './policy/policy.ts'
import { isReportOnly } from './policy/report-only.ts'
import { ROUTE_STEPS } from './routes/match-route.ts'
import { refuseBound } from './sender/sender-constraint.ts'
import { JWT_STEPS } from './token/jwt-reader.ts'
import { createVerifiedTokenCache } from './token/verified-token-cache.ts'

/** @internal The package's declarations have neither this nor a function that takes it. */
export const STEPS = {
  readCredential,
  ...ROUTE_STEPS,
  createVerifiedTokenCache,
  ...KEY_STEPS,
  ...JWT_STEPS,
  ...INTROSPECTION_PART_STEPS,
  senderConstraint: refuseBound,
  ...GRANT_STEPS,
  ...POLICY_STEPS,
  isReportOnly,
}

/** @internal */
export type Steps = typeof STEPS
