// From a failure to the refusal that a door answers with: what would have done, where to find out more, and when
// to come back. RFC 6750 section 3, RFC 9470 section 3, RFC 9728 section 5.1. Decides nothing.

import { authenticationDemanded } from '../policy/conditions.ts'
import type { ResolvedResource, ResolvedRoute } from '../config/config.ts'
import type { Deny } from '../decision.ts'
import { failureRow, type Failure } from './failure.ts'
import { sufficientScope } from '../grant/scope.ts'

/** Scopes are named where they are lacking and, for clients that discover, in every 401 of a resource. */
function scopeFor(
  code: Failure['code'],
  { demand }: ResolvedRoute,
  resource: ResolvedResource | null,
): Pick<Deny, 'scope'> {
  const told = code === 'insufficient_scope' || (resource !== null && failureRow(code).status === 401)
  const scope = demand === null || !told ? [] : sufficientScope(demand)
  return scope.length === 0 ? {} : { scope }
}

/** `retryAfterSeconds` is asked only where coming back may help. */
export function toDeny(
  failure: Failure,
  route: ResolvedRoute | undefined,
  resource: ResolvedResource | null,
  retryAfterSeconds: () => number,
): Deny {
  const about =
    route === undefined
      ? {}
      : {
          route: route.name,
          ...scopeFor(failure.code, route, resource),
          ...(failure.code === 'insufficient_user_authentication'
            ? authenticationDemanded(route.conditions)
            : {}),
          ...(resource === null ? {} : { resourceMetadata: resource.metadataUrl }),
        }
  const deny: Deny = { allow: false, ...failure, ...about }
  return failureRow(failure.code).status === 503 ? { ...deny, retryAfterSeconds: retryAfterSeconds() } : deny
}
