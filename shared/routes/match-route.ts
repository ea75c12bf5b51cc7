// Finds the rule for a request and the resource that its path belongs to. Refuses unknown hosts and ambiguous paths.

import type { CoreConfig } from '../config/config.ts'
import type { AuthorizationRequest } from '../decision.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import { checkHost } from '../request/public-url.ts'
import type { RouteMatch } from '../stages.ts'
import { createNearest } from './nearest.ts'
import type { findResource } from './resource-path.ts'
import { createRouteTable } from './route-table.ts'
import { checkTarget, upperCaseEscapes } from './target.ts'

/**
 * A platform that shows the path in several fields must show the same path in each, or another path might be served.
 */
export function checkSpellings(request: AuthorizationRequest, config: CoreConfig): Failure | null {
  for (const spelling of request.otherSpellings ?? []) {
    const refused = checkTarget(spelling, config.limits.maxPathBytes)
    if (refused !== null) return refused
    if (!upperCaseEscapes(spelling).endsWith(upperCaseEscapes(request.path)))
      return failure('target_ambiguous', { problem: 'spellings_differ' })
  }
  return null
}

/** @internal The checks that find a rule. Tests replace one at a time. */
export const ROUTE_STEPS = { checkHost, checkSpellings, createRouteTable }

export interface RouteMatcher {
  match(request: AuthorizationRequest): RouteMatch | Failure
  /** The rule for a method and a path, without any check of the request. */
  findRoute(method: string, path: string): RouteMatch['route'] | Failure
}

/** @internal `resourceOf`: absent where no resource is configured. */
export function createRouteMatcher(
  config: CoreConfig,
  steps: typeof ROUTE_STEPS,
  resourceOf: typeof findResource = () => null,
): RouteMatcher {
  const { maxPathBytes } = config.limits
  const { match: findRoute } = steps.createRouteTable(config.routes, maxPathBytes)
  const nearest = createNearest(config.routes, maxPathBytes)
  return {
    findRoute,
    match(request) {
      const { method, path } = request
      const route =
        steps.checkHost(request, config) ?? steps.checkSpellings(request, config) ?? findRoute(method, path)
      if (isFailure(route)) return nearest(route, method, path)
      const resource = resourceOf(path, route.resources)
      return resource !== null && isFailure(resource) ? nearest(resource, method, path) : { route, resource }
    },
  }
}
