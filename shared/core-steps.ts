// The checks that every artefact has, by name. A test removes one and shows which case then gets the wrong decision.

import { readCredential } from './credential/read-credential.ts'
import { GRANT_STEPS } from './grant/grant-stage.ts'
import { JWS_STEPS } from './keys/verify-jws.ts'
import { POLICY_STEPS } from './policy/policy.ts'
import { isReportOnly } from './policy/report-only.ts'
import { ROUTE_STEPS } from './routes/match-route.ts'
import { refuseBound } from './sender/sender-constraint.ts'
import { JWT_STEPS } from './token/jwt-reader.ts'
import { createVerifiedTokenCache } from './token/verified-token-cache.ts'

/** @internal The package's declarations have neither this nor a function that takes it. */
export const CORE_STEPS = {
  readCredential,
  ...ROUTE_STEPS,
  createVerifiedTokenCache,
  ...JWS_STEPS,
  ...JWT_STEPS,
  senderConstraint: refuseBound,
  ...GRANT_STEPS,
  ...POLICY_STEPS,
  isReportOnly,
}

/** @internal */
export type CoreSteps = typeof CORE_STEPS
