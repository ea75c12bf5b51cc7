// One way to prove that the sender of a token is the one that it is bound to: DPoP (RFC 9449) or mutual TLS (RFC 8705).
// bound.ts asks those that the configuration uses.

import type { ResolvedRoute } from '../config/config.ts'
import type { Decision, RequestNeeds } from '../decision.ts'
import type { Failure } from '../failures/failure.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { ReadToken, Soon } from '../token/token-reader.ts'

export interface ConfirmationMethod {
  /** The parts of a request that it reads besides its method, path and Authorization field. */
  readonly needs: RequestNeeds
  /** How an Authorization field with a token begins: a scheme and a space. Default: Bearer alone. */
  readonly begins?: RegExp
  /** Why a request contradicts the kind of its token, or `null`. `accepted`: as in demand.ts. */
  findMisuse?(kind: number, accepted: number, context: DecisionContext): Failure | null
  /** Why the binding to `thumbprint` is not proven, or `null`. The token has been checked before. */
  prove(
    token: ReadToken,
    thumbprint: string,
    route: ResolvedRoute,
    context: DecisionContext,
  ): Soon<Failure | null>
  /** Adds to a decision what its response needs besides: challenges of further schemes, a nonce. */
  complete?(decision: Decision, context: DecisionContext): Decision
}
