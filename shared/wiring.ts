// Fills the stages of the pipeline for one configuration: keys, readers of tokens, checks, grant and policy. A part is
// put into its slot here and nowhere else; this file imports none.

import type { CoreConfig, ResolvedRoute } from './config/config.ts'
import type { Decision, Grant, RequestNeeds } from './decision.ts'
import { failure, failureRow, type Failure } from './failures/failure.ts'
import { createGrantStage } from './grant/grant-stage.ts'
import type { IntrospectionPart } from './introspection/introspection-part.ts'
import { createIssuerKeys, type IssuerKeys } from './keys/issuer-keys.ts'
import type { Parts } from './parts/parts.ts'
import type { Ports } from './platform/ports.ts'
import { NO_CONDITIONS } from './policy/no-conditions.ts'
import { createPolicyStage } from './policy/policy.ts'
import type { DecisionContext } from './request/decision-context.ts'
import type { Receiver } from './revocation/receiver.ts'
import { createRouteMatcher } from './routes/match-route.ts'
import { SECRET_TIMES } from './secrets/secret-times.ts'
import type { Stages } from './stages.ts'
import type { CoreSteps } from './core-steps.ts'
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

export interface Wiring {
  readonly stages: Stages
  readonly prepareKeys: IssuerKeys['prepare']
  readonly receivers: readonly Receiver[]
  /** The parts of a request that the stages read besides its method, path and Authorization field. */
  readonly needs: RequestNeeds
  /** Adds what the response to a decision needs besides. */
  complete(decision: Decision, context: DecisionContext): Decision
  /** The rule for a method and a path, without any check of the request. */
  findRoute(method: string, path: string): ResolvedRoute | Failure
  /** Seconds until a retry may succeed, after a failure with status 503. */
  retryAfterSeconds(failed: Failure, context: DecisionContext): number
}

/** Without parts for lookups, every token is a JWT that is verified here. */
const NO_LOOKUPS: IntrospectionPart = {
  selectReader: () => null,
  userinfoLookups: new Map(),
  retryAfterSeconds: () => 1,
}

/**
 * Refuses a configuration with a restriction for which no part is there. Any other part that is missing fails when it
 * is called; these would let requests pass.
 */
function checkParts({ resources, routes, dpop, mtls }: CoreConfig, parts: Parts): void {
  const needed = {
    resources: resources.length > 0,
    conditions: routes.some(({ conditions }) => conditions !== NO_CONDITIONS),
    senderConstraint: dpop || mtls,
  }
  for (const name of Object.keys(needed) as (keyof typeof needed)[])
    if (needed[name] && parts[name] === undefined) throw new TypeError(`the part ${name} is missing`)
}

/** @internal `fitsContext`: whether the platform can pass on the identity of a grant. */
export function createWiring(
  config: CoreConfig,
  ports: Ports,
  parts: Parts,
  fitsContext: (grant: Grant) => boolean,
  steps: CoreSteps,
): Wiring {
  checkParts(config, parts)
  const keys = createIssuerKeys(config, ports, parts, steps)
  const lookups =
    parts.lookups?.(config, keys, ports, {
      tokenLookups: parts.tokenLookups ?? {},
      userinfoLookup: parts.userinfoLookup,
      extras: parts.lookupExtras ?? {},
    }) ?? NO_LOOKUPS
  const cache = steps.createVerifiedTokenCache(config.limits.tokenMemoryBytes)
  const jwtReader = createJwtReader(config, ports, keys, cache, steps)
  const { resources, conditions = [] } = parts
  const sender = parts.senderConstraint?.(config, ports, parts) ?? steps.senderConstraint
  const toGrant = createGrantStage(config, lookups.userinfoLookups, fitsContext, steps)
  const routeMatcher = createRouteMatcher(config, steps, resources?.find)

  const stages: Stages = {
    readCredential: (request) => steps.readCredential(request, cache.get, sender.begins),
    matchRoute: routeMatcher.match,
    checkAnswerable: ({ exceedsPolicyResource }) =>
      exceedsPolicyResource === true ? failure('target_too_long', { problem: 'cannot_be_named' }) : null,
    selectReader: ({ token, verified, parts: split }, route) =>
      (verified === undefined ? lookups.selectReader(token, route, split) : null) ?? jwtReader,
    checkSender: sender.check,
    checkRevocation: config.revocation ? parts.revocation!(config, ports) : () => null,
    toGrant: sender.withSender?.(toGrant) ?? toGrant,
    checkPolicy: createPolicyStage(steps, [...(resources?.rules ?? []), ...conditions]),
  }

  function retryAfterSeconds(failed: Failure, { issuer }: DecisionContext): number {
    const { waitsFor } = failureRow(failed.code)
    if (waitsFor === 'secret') return SECRET_TIMES.retryMs / 1000
    if (waitsFor === undefined || issuer === undefined) return 1
    return waitsFor === 'keys'
      ? keys.storeOf(issuer).retryAfterSeconds()
      : lookups.retryAfterSeconds(failed, issuer)
  }

  return {
    stages,
    prepareKeys: keys.prepare,
    // The Lambda authorizer has none: on AWS a function of its own receives.
    receivers: parts.receivers?.(config, ports, keys) ?? [],
    needs: sender.needs,
    complete: (decision, context) => sender.complete?.(decision, context) ?? decision,
    findRoute: routeMatcher.findRoute,
    retryAfterSeconds,
  }
}
