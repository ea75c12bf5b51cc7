// The results of one decision so far, for later stages and for the audit event.

import type { ResolvedIssuer, ResolvedResource, ResolvedRoute } from '../config/config.ts'
import type { AuthorizationRequest, Grant } from '../decision.ts'
import type { Deadline } from '../platform/deadline.ts'
import type { VerifiedToken } from '../token/verified-token-cache.ts'

export interface DecisionContext {
  readonly request: AuthorizationRequest
  readonly deadline: Deadline
  route: ResolvedRoute | undefined
  /** The resource that the path belongs to. */
  resource: ResolvedResource | null
  /** The issuer that the token is read for. */
  issuer: ResolvedIssuer | undefined
  /** The token as it was sent. Only its fingerprint leaves the authorizer. */
  token: string | undefined
  client: string | undefined
  /** The token, if it was verified for an earlier request. */
  cached: VerifiedToken | undefined
  /** Time of the token's checks, in seconds since the epoch. Until a reader sets it, every token counts as expired. */
  checkTime: number
  /** Set once every check of the token itself has passed. */
  grant: Grant | null
}

/** Every member is present from the start: adding one later costs more than all checks of a cached token. */
export const createContext = (request: AuthorizationRequest, deadline: Deadline): DecisionContext => ({
  request,
  deadline,
  route: undefined,
  resource: null,
  issuer: undefined,
  token: undefined,
  client: undefined,
  cached: undefined,
  checkTime: Number.POSITIVE_INFINITY,
  grant: null,
})
