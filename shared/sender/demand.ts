// Which tokens an issuer, a route and an edge accept together: unbound ones, and those that are bound in a way that is
// known. A route only narrows what its issuer accepts.

import type { CoreConfig, ResolvedIssuer, ResolvedRoute, SenderConstraintDemand } from '../config/config.ts'

/** Kinds of tokens, as bits of a set. */
export const UNBOUND = 1
export const DPOP = 2

const ACCEPTED: Readonly<Record<SenderConstraintDemand, number>> = {
  none: UNBOUND,
  any: UNBOUND | DPOP,
  dpop: DPOP,
  bound: DPOP,
}

type Edge = Pick<CoreConfig, 'senderConstraint'>

/** The tokens of an issuer that a route accepts. */
export const acceptedOf = (
  issuer: Pick<ResolvedIssuer, 'senderConstraint'>,
  route: Pick<ResolvedRoute, 'senderConstraint'>,
  edge: Edge,
): number => {
  const { senderConstraint: ofIssuer = 'none' } = issuer
  const { senderConstraint: ofRoute = ofIssuer } = route
  return ACCEPTED[ofIssuer] & ACCEPTED[ofRoute] & ACCEPTED[edge.senderConstraint ?? ofIssuer]
}

/** The tokens of all issuers that a route accepts. */
export const acceptedOn = (route: ResolvedRoute, config: Edge & Pick<CoreConfig, 'issuers'>): number =>
  [...config.issuers.values()]
    .filter(({ name }) => route.issuer === null || route.issuer === name)
    .reduce((all, issuer) => all | acceptedOf(issuer, route, config), 0)
