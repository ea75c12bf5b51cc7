// Part: the grant of a token whatever the route decides (`Authorizer.examine`), for answers about several requests.

import type { ResolvedRoute } from '../config/config.ts'
import { examine as examineWith } from '../pipeline.ts'
import { ANY_ROUTE } from '../wiring.ts'
import type { Part } from './parts.ts'

/** The route for answers about all of these. It demands of the check for revoked tokens what the strictest one does. */
function anyOf(routes: readonly ResolvedRoute[]): ResolvedRoute {
  const demands = routes.filter(({ demand }) => demand !== null).map(({ revocation }) => revocation)
  if (demands.includes('strong')) return { ...ANY_ROUTE, revocation: 'strong' }
  const isOff = demands.length > 0 && demands.every((demand) => demand === 'off')
  return isOff ? { ...ANY_ROUTE, revocation: 'off' } : ANY_ROUTE
}

export const examine = {
  examine({ routes }) {
    const route = anyOf(routes)
    return (context, stages) => examineWith(context, stages, route)
  },
} satisfies Part
