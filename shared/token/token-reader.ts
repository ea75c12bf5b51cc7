// The slot for ways to read a token. A reader finds out what a token says, on the word of somebody who can vouch for
// it: the issuer's signature, or the issuer itself when it is asked. It grants nothing.

import type { ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import type { Credential } from '../credential/bearer.ts'
import type { Grant } from '../decision.ts'
import type { Failure } from '../failures/failure.ts'
import type { DecisionContext } from '../request/decision-context.ts'
import type { JsonObject } from './strict-json.ts'

/** What a token says, vouched for by its issuer. Whether it is good for anything now is not said. */
export interface ReadToken {
  /** Empty where the token has none that anybody vouches for. */
  readonly header: JsonObject
  readonly claims: JsonObject
  /** The issuer, with the profile by which these claims are read. */
  readonly issuer: ResolvedIssuer
  /** What it grants once it passes every check, where the token alone says so. */
  readonly grant: Grant | undefined
}

/** A result that is there at once wherever nothing has to be waited for. */
export type Soon<Result> = Result | Promise<Result>

export interface TokenReader {
  /**
   * What the token says, or why nobody vouches for it. Without a promise where nothing has to be waited for. Sets `issuer` and
   * `checkTime` of the context.
   */
  read(credential: Credential, route: ResolvedRoute, context: DecisionContext): Soon<ReadToken | Failure>
  /** Why the token is no access token for this API at this time, or `null`. Asked anew for every request. */
  checkClaims(token: ReadToken, context: DecisionContext): Failure | null
  /** The claims in the form that a grant is made from. */
  completeClaims(claims: JsonObject, context: DecisionContext): JsonObject
}
