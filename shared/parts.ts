// Fills the stages of the pipeline for one configuration: keys, readers of tokens, checks, grant and policy. A feature
// is put into its slot here and nowhere else.

import type { ResolvedConfig, ResolvedRoute } from './config/config.ts'
import type { ConfigEnvironment } from './config/resolve.ts'
import type { RequestNeeds } from './decision.ts'
import { failure, failureRow, type Failure } from './failures/failure.ts'
import { createGrantStage } from './grant/grant-stage.ts'
import { createIntrospectionPart } from './introspection/introspection-part.ts'
import { createIssuerKeys } from './keys/issuer-keys.ts'
import type { Ports } from './platform/ports.ts'
import { NO_CONDITIONS } from './policy/conditions.ts'
import { createPolicyStage } from './policy/policy.ts'
import type { DecisionContext } from './request/decision-context.ts'
import { createRouteMatcher } from './routes/match-route.ts'
import { SECRET_TIMES } from './secrets/secret.ts'
import type { Stages } from './stages.ts'
import type { Steps } from './steps.ts'
import { createJwtReader } from './token/jwt-reader.ts'

/** A route that accepts every valid token. */
export const ANY_ROUTE: ResolvedRoute = {
  path: '',
  methods: [],
  name: '',
  demand: { allOf: [], anyOf: [] },
  issuer: null,
  resources: [],
  conditions: NO_CONDITIONS,
  sharedCaches: false,
  reportOnly: false,
}

export interface Parts {
  readonly stages: Stages
  /** The parts of a request that the stages read besides its method, path and Authorization field. */
  readonly needs: RequestNeeds
  /** The rule for a method and a path, without any check of the request. */
  findRoute(method: string, path: string): ResolvedRoute | Failure
  /** Seconds until a retry may succeed, after a failure with status 503. */
  retryAfterSeconds(failed: Failure, context: DecisionContext): number
}

/** @internal */
export function createParts(
  config: ResolvedConfig,
  ports: Ports,
  { canCarry = () => true, fitsContext = canCarry }: Pick<ConfigEnvironment, 'fitsContext' | 'canCarry'>,
  steps: Steps,
): Parts {
  const keys = createIssuerKeys(config, ports, steps)
  const introspection = createIntrospectionPart(config, keys, ports, steps)
  const cache = steps.createVerifiedTokenCache(config.limits.tokenMemoryBytes)
  const jwtReader = createJwtReader(config, ports, keys, cache, steps)
  const routeMatcher = createRouteMatcher(config, steps)

  const stages: Stages = {
    readCredential: (request) => steps.readCredential(request, cache.get),
    matchRoute: routeMatcher.match,
    checkAnswerable: ({ exceedsPolicyResource, isUnnameable }) =>
      exceedsPolicyResource === true || isUnnameable === true
        ? failure('target_too_long', { problem: 'cannot_be_named' })
        : null,
    selectReader: ({ token, verified, parts }, route) =>
      (verified === undefined ? introspection.selectReader(token, route, parts) : null) ?? jwtReader,
    checkSender: steps.senderConstraint.check,
    checkRevocation: () => null,
    toGrant: createGrantStage(config, introspection.userinfoLookups, fitsContext, steps),
    checkPolicy: createPolicyStage(steps),
  }

  function retryAfterSeconds(failed: Failure, { issuer }: DecisionContext): number {
    const { waitsFor } = failureRow(failed.code)
    if (waitsFor === 'secret') return SECRET_TIMES.retryMs / 1000
    if (waitsFor === undefined || issuer === undefined) return 1
    return waitsFor === 'keys'
      ? keys.storeOf(issuer).retryAfterSeconds()
      : introspection.retryAfterSeconds(failed, issuer)
  }

  return { stages, needs: steps.senderConstraint.needs, findRoute: routeMatcher.findRoute, retryAfterSeconds }
}
