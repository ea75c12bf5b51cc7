// The slot for checks that the sender of a token is the one it is bound to (DPoP, mutual TLS). Without a part for it,
// every bound token is refused. RFC 7800 section 3.1, RFC 9449 section 7.1, RFC 8705 section 3.

import type { Decision, RequestNeeds } from '../decision.ts'
import { failure } from '../failures/failure.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { Stages, TokenCheck } from '../stages.ts'

/** A sender check, and the parts of a request that it reads besides method, path and credential. */
export interface SenderConstraint {
  readonly needs: RequestNeeds
  readonly check: TokenCheck
  /** How an Authorization field with a token begins: a scheme and a space. Default: Bearer alone. */
  readonly begins?: RegExp
  /** Adds the sender to grants. */
  withSender?(toGrant: Stages['toGrant']): Stages['toGrant']
  /** Adds to a decision what its response needs besides: challenges of further schemes, a nonce. */
  complete?(decision: Decision, context: DecisionContext): Decision
}

/**
 * The `RequestNeeds` of checks that read no more of a request than its method, path and Authorization field: no other
 * header field, and no client certificate.
 */
export const NO_NEEDS: RequestNeeds = { fields: [], clientCertificate: false }

/** Refuses a token that is bound to a key (`cnf`): without proof of the key it could be a stolen one. */
export const refuseBound: SenderConstraint = {
  needs: NO_NEEDS,
  check: ({ claims }) => (Object.hasOwn(claims, 'cnf') ? failure('sender_constraint_unproven') : null),
}
