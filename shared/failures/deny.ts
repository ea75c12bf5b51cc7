// From a failure to the refusal that an edge answers with: what would have sufficed, where to find out more, and when
// to come back. RFC 6750 section 3, RFC 9470 section 3, RFC 9728 section 5.1. Decides nothing.

import type { ResolvedResource, ResolvedRoute } from '../config/config.ts'
import type { Deny } from '../decision.ts'
import { failureRow, type Failure, type FailureRow } from './failure.ts'

type Demand = NonNullable<ResolvedRoute['demand']>

/** A smallest set of scopes that would have done, for `scope=` in the challenge (RFC 6750 section 3). */
export const sufficientScope = (demand: Demand): readonly string[] => [
  ...new Set([...demand.allOf, ...demand.anyOf.slice(0, 1)]),
]

/** Scopes are named where they are lacking and, for clients that discover, in every 401 of a resource. */
function scopeFor(
  { tells, status }: FailureRow,
  { demand }: ResolvedRoute,
  resource: ResolvedResource | null,
): Pick<Deny, 'scope'> {
  const isTold = tells === 'scope' || (resource !== null && status === 401)
  const scope = demand === null || !isTold ? [] : sufficientScope(demand)
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

/** `retryAfterSeconds` is asked only where coming back may help. */
export function toDeny(
  failure: Failure,
  route: ResolvedRoute | undefined,
  resource: ResolvedResource | null,
  retryAfterSeconds: () => number,
): Deny {
  const row = failureRow(failure.code)
  const about =
    route === undefined
      ? {}
      : {
          route: route.name,
          ...scopeFor(row, route, resource),
          ...(row.tells === 'authentication' ? authenticationDemanded(route.conditions) : {}),
          ...(resource === null ? {} : { resourceMetadata: resource.metadataUrl }),
        }
  const deny: Deny = { allow: false, ...failure, ...about }
  return row.status === 503 ? { ...deny, retryAfterSeconds: retryAfterSeconds() } : deny
}
