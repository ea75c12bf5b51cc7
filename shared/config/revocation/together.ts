// Checks of `revocation` and of the routes that go with it.

import { isCovered } from '../../plan/values/published.ts'
import type { AddProblem } from '../checks.ts'
import type { ResolvedLogout, ResolvedRevocation, ResolvedRoute } from '../config.ts'

/** Refuses a rule whose path the receiver has. */
function checkLogoutPath(
  { path }: ResolvedLogout,
  routes: readonly ResolvedRoute[],
  addProblem: AddProblem,
): void {
  for (const [index, route] of routes.entries())
    if (isCovered(path, route.path) && !/^\/\{/.test(route.path))
      addProblem(
        `routes[${index}].path`,
        `covers ${path}, where the Worker takes logout tokens; leave the rule out or give it another path`,
      )
}

/** Refuses a demand of a route without the section, and a rule whose path the receiver of logout tokens has. */
export function checkRevocationTogether(
  revocation: ResolvedRevocation | null,
  routes: readonly ResolvedRoute[],
  addProblem: AddProblem,
): void {
  if (revocation?.logout != null) checkLogoutPath(revocation.logout, routes, addProblem)
  for (const [index, route] of routes.entries())
    if (revocation === null && route.revocation !== undefined)
      addProblem(`routes[${index}].revocation`, 'needs the section revocation')
}
