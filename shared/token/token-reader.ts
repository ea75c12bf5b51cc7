// The interface of token readers. A reader returns the claims of a token that its issuer confirms, by its signature or
// by its answer about the token (introspection). It grants nothing.

import type { ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import type { Credential } from '../credential/read-credential.ts'
import type { Grant } from '../decision.ts'
import type { Failure } from '../failures/failure.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { JsonObject } from './strict-json.ts'

/** A token whose claims its issuer confirms. Its claims have not been checked for time, audience or this request. */
export interface ReadToken {
  /** Empty if the issuer confirms the claims alone. */
  readonly header: JsonObject
  readonly claims: JsonObject
  /** The issuer, with the profile by which these claims are read. */
  readonly issuer: ResolvedIssuer
  /** What the token grants once it passes every check; `undefined` if the grant is still to be made. */
  readonly grant: Grant | undefined
}

/** A result, or a promise of it if the function has to wait for something. */
export type Soon<Result> = Result | Promise<Result>

export interface TokenReader {
  /**
   * The token with its claims, or why it is refused. Sets `issuer` and `checkTime` of the context.
   */
  read(credential: Credential, route: ResolvedRoute, context: DecisionContext): Soon<ReadToken | Failure>
  /** Why the token is no access token for this API at this time, or `null`. Called for every request. */
  checkClaims(token: ReadToken, context: DecisionContext): Failure | null
  /** The claims in the form that a grant is made from. */
  completeClaims(claims: JsonObject, context: DecisionContext): JsonObject
}
