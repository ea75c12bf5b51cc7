// From a failure to a `Deny`: the scopes or the authentication that would have sufficed, the URL of the resource
// metadata, and when to retry. RFC 6750 section 3, RFC 9470 section 3, RFC 9728 section 5.1. Makes no decision.

import type { ResolvedResource, ResolvedRoute } from '../config/config.ts'
import type { Deny } from '../decision.ts'
import { failureRow, type Failure, type FailureRow } from './failure.ts'

type Demand = NonNullable<ResolvedRoute['demand']>

/** A smallest set of scopes that meets the demand, for `scope=` in the challenge (RFC 6750 section 3). */
export const sufficientScope = (demand: Demand): readonly string[] => [
  ...new Set([...demand.allOf, ...demand.anyOf.slice(0, 1)]),
]

/** The challenge names scopes if the token lacks one, and in every 401 of a resource, for clients with discovery. */
function scopeFor(
  { tells, status }: FailureRow,
  { demand }: ResolvedRoute,
  resource: ResolvedResource | null,
): Pick<Deny, 'scope'> {
  const isNamed = tells === 'scope' || (resource !== null && status === 401)
  const scope = demand === null || !isNamed ? [] : sufficientScope(demand)
  return scope.length === 0 ? {} : { scope }
}

/** The authentication that would have sufficed. RFC 9470 section 3. */
const authenticationDemanded = ({
  acr,
  maxAgeSeconds,
}: ResolvedRoute['conditions']): Pick<Deny, 'acrValues' | 'maxAgeSeconds'> => ({
  ...(acr.length === 0 ? {} : { acrValues: acr }),
  ...(maxAgeSeconds === null ? {} : { maxAgeSeconds }),
})

/** Calls `retryAfterSeconds` for a 503 alone, because a retry helps with no other status. */
export function toDeny(
  failure: Failure,
  route: ResolvedRoute | undefined,
  resource: ResolvedResource | null,
  retryAfterSeconds: () => number,
): Deny {
  const row = failureRow(failure.code)
  const ofRoute =
    route === undefined
      ? {}
      : {
          route: route.name,
          ...scopeFor(row, route, resource),
          ...(row.tells === 'authentication' ? authenticationDemanded(route.conditions) : {}),
          ...(resource === null ? {} : { resourceMetadata: resource.metadataUrl }),
        }
  const deny: Deny = { allow: false, ...failure, ...ofRoute }
  return row.status === 503 ? { ...deny, retryAfterSeconds: retryAfterSeconds() } : deny
}
