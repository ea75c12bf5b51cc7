// The slot for checks that a token is used by whom it is bound to, and what fills it: no proof is checked here, so every
// bound token is refused. RFC 7800 section 3.1, RFC 9449 section 7.1, RFC 8705 section 3.

import type { RequestNeeds } from '../decision.ts'
import { failure } from '../failures/failure.ts'
import type { TokenCheck } from '../stages.ts'

/** A check that reads more of a request than its method, path and credential says what. */
export interface SenderConstraint {
  readonly needs: RequestNeeds
  readonly check: TokenCheck
}

/** A method, a path and an Authorization field suffice. */
export const NO_NEEDS: RequestNeeds = { fields: [], clientCertificate: false }

/** A token that says it is bound to a key of its sender is worth nothing without the proof. */
export const refuseBound: SenderConstraint = {
  needs: NO_NEEDS,
  check: ({ claims }) => (Object.hasOwn(claims, 'cnf') ? failure('sender_constraint_unproven') : null),
}
