// The slot for rules about a token and a route besides scopes: its resource, and the conditions of the route.

import type { ResolvedIssuer, ResolvedResource, ResolvedRoute } from '../config/config.ts'
import type { Grant } from '../decision.ts'
import type { Rule } from '../failures/rule.ts'
import type { JsonObject } from '../token/strict-json.ts'

export interface Subject {
  readonly grant: Grant
  readonly claims: JsonObject
  readonly issuer: ResolvedIssuer
  /** The resource that the requested path belongs to; `null`: any audience of the issuer is accepted. */
  readonly resource: ResolvedResource | null
  /** Seconds since the epoch. */
  readonly now: number
}

/** `ResolvedRoute` is the rule that covers the request. The first refusal is the decision. */
export type RouteRuleCheck = Rule<[subject: Subject, route: ResolvedRoute]>
