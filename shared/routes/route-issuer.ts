// Whose tokens a route takes.

import type { ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'

/** A route that names an issuer takes tokens of that issuer alone. */
export const checkRouteIssuer = (issuer: ResolvedIssuer, route: ResolvedRoute): Failure | null =>
  route.issuer === null || route.issuer === issuer.name ? null : failure('issuer_not_allowed')
