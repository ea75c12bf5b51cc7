// Refuses tokens of another issuer on a route that names one.

import type { ResolvedIssuer, ResolvedRoute } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'

export const checkRouteIssuer = (issuer: ResolvedIssuer, route: ResolvedRoute): Failure | null =>
  route.issuer === null || route.issuer === issuer.name ? null : failure('issuer_not_allowed')
