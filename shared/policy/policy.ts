// Checks a grant against the demands of a route: issuer, scopes, and the rules of parts, in this order.

import type { Failure } from '../failures/failure.ts'
import { firstRefusal } from '../failures/rule.ts'
import { checkDistributed } from '../grant/distributed-claims.ts'
import { checkRouteIssuer } from '../routes/route-issuer.ts'
import type { Granted, Stages } from '../stages.ts'
import type { RouteRuleCheck } from './route-rule.ts'
import { checkScope } from './scope.ts'

/** @internal The checks of a route's demands. Tests replace one at a time. */
export const POLICY_STEPS = { checkRouteIssuer, checkScope }

/** `claim_distributed` where the token says that its scope claim is elsewhere; otherwise the missing scope. */
function explainLack(lack: Failure, { grant, claims, token }: Granted): Failure {
  const { user, client } = token.issuer.scopes
  const { claim } = grant.principal.kind === 'client' ? client : user
  return checkDistributed(claims, typeof claim === 'string' ? claim : claim[0]!) ?? lack
}

/** @internal */
export const createPolicyStage =
  (steps: typeof POLICY_STEPS, rules: readonly RouteRuleCheck[] = []): Stages['checkPolicy'] =>
  (granted, { route, resource }, context) => {
    const { grant, claims, token } = granted
    const wrongIssuer = steps.checkRouteIssuer(context.issuer!, route)
    if (wrongIssuer !== null) return wrongIssuer
    const lack = steps.checkScope(grant.scopes, route.demand!)
    if (lack !== null) return explainLack(lack, granted)
    const subject = { grant, claims, issuer: token.issuer, resource, now: context.checkTime }
    return firstRefusal(rules, subject, route)
  }
