// Which tokens an issuer, a route and an edge accept together: unbound ones, and those that are bound in a way that is
// known. A route only narrows what its issuer accepts.

import type { CoreConfig, ResolvedIssuer, ResolvedRoute, SenderConstraintDemand } from '../config/config.ts'
import type { Confirmation } from './confirmation.ts'

/** Kinds of tokens, as bits of a set. */
export const UNBOUND = 1
/** Bound to a DPoP key alone. */
export const DPOP = 2
/** Bound to a client certificate alone. */
export const MTLS = 4
/** Bound to both. */
export const DPOP_AND_MTLS = 8

/** Bound to a DPoP key, and perhaps to more. */
export const WITH_DPOP = DPOP | DPOP_AND_MTLS
/** Bound to a client certificate, and perhaps to more. */
export const WITH_MTLS = MTLS | DPOP_AND_MTLS

const BOUND = WITH_DPOP | WITH_MTLS

/** An issuer with one method has nothing to prove the other with. */
const OF_ISSUER: Readonly<Record<SenderConstraintDemand, number>> = {
  none: UNBOUND,
  any: UNBOUND | BOUND,
  dpop: DPOP,
  mtls: MTLS,
  bound: BOUND,
}

const OF_ROUTE: Readonly<Record<SenderConstraintDemand, number>> = {
  ...OF_ISSUER,
  dpop: WITH_DPOP,
  mtls: WITH_MTLS,
}

/** The kind of a token; 0 where its binding can be proven nowhere. */
export function kindOf(confirmation: Confirmation | null | undefined): number {
  if (confirmation === null) return UNBOUND
  if (confirmation === undefined) return 0
  if (confirmation.jkt === null) return MTLS
  return confirmation.x5t === null ? DPOP : DPOP_AND_MTLS
}

type Edge = Pick<CoreConfig, 'senderConstraint'>

/** The tokens of an issuer that a route accepts. */
export const acceptedOf = (
  issuer: Pick<ResolvedIssuer, 'senderConstraint'>,
  route: Pick<ResolvedRoute, 'senderConstraint'>,
  edge: Edge,
): number => {
  const { senderConstraint: ofIssuer = 'none' } = issuer
  const { senderConstraint: ofRoute = 'any' } = route
  return OF_ISSUER[ofIssuer] & OF_ROUTE[ofRoute] & OF_ROUTE[edge.senderConstraint ?? 'any']
}

/** The tokens of all issuers that a route accepts. */
export const acceptedOn = (route: ResolvedRoute, config: Edge & Pick<CoreConfig, 'issuers'>): number =>
  [...config.issuers.values()]
    .filter(({ name }) => route.issuer === null || route.issuer === name)
    .reduce((all, issuer) => all | acceptedOf(issuer, route, config), 0)
