// The types of the pipeline's stages, one slot each. A feature is a folder that fills a slot: a reader of tokens
// (token/token-reader.ts), a sender constraint, a revocation check, a condition (policy/conditions.ts), a store of keys
// (keys/key-store.ts). parts.ts puts them in.

import type { ResolvedResource, ResolvedRoute } from './config/config.ts'
import type { Credential } from './credential/read-credential.ts'
import type { AuthorizationRequest, Grant } from './decision.ts'
import type { Failure } from './failures/failure.ts'
import type { DecisionContext } from './request/decision-context.ts'
import type { JsonObject } from './token/strict-json.ts'
import type { ReadToken, Soon, TokenReader } from './token/token-reader.ts'

/** The rule for a request, and the resource that its path belongs to. */
export interface RouteMatch {
  readonly route: ResolvedRoute
  readonly resource: ResolvedResource | null
}

/** The grant of a token, the claims that it was derived from, and the token. */
export interface Granted {
  readonly grant: Grant
  readonly claims: JsonObject
  readonly token: ReadToken
}

/** Why a token whose claims are in order may not be used for this request, or `null`. */
export type TokenCheck = (
  token: ReadToken,
  route: ResolvedRoute,
  context: DecisionContext,
) => Soon<Failure | null>

export interface Stages {
  readCredential(request: AuthorizationRequest): Credential | Failure
  matchRoute(request: AuthorizationRequest): RouteMatch | Failure
  /** Whether the platform's answer can name the path. */
  checkAnswerable(request: AuthorizationRequest): Failure | null
  selectReader(credential: Credential, route: ResolvedRoute): TokenReader | Failure
  readonly checkSender: TokenCheck
  readonly checkRevocation: TokenCheck
  toGrant(token: ReadToken, reader: TokenReader, context: DecisionContext): Soon<Granted | Failure>
  checkPolicy(granted: Granted, match: RouteMatch, context: DecisionContext): Failure | null
}

/** A grant; `null` on a public route; or why the request is refused. */
export type Outcome = Grant | null | Failure
