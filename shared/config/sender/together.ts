// Checks of sender constraints against the rest of the configuration: what a route may demand of its issuers, the URLs
// that proofs name, the userinfo endpoint, and the name that the identity of a bound token has. RFC 9449 sections 4.3
// and 7.

import { checkHasOrigin } from '../../plan/values/public-urls.ts'
import { acceptedOn, WITH_DPOP } from '../../sender/demand.ts'
import { checkMtlsTogether } from './mtls.ts'
import type { AddProblem } from '../checks.ts'
import type { ResolvedConfig, ResolvedIssuer, ResolvedRoute, SenderConstraintDemand } from '../config.ts'
import type { EdgeEnvironment } from '../edges/section.ts'

/** What a route may demand where its issuer says so: no more than the issuer accepts. */
const NARROWER: Readonly<Record<SenderConstraintDemand, readonly SenderConstraintDemand[]>> = {
  none: ['none'],
  any: ['none', 'any', 'dpop', 'mtls', 'bound'],
  dpop: ['dpop', 'bound'],
  mtls: ['mtls', 'bound'],
  bound: ['dpop', 'mtls', 'bound'],
}

const describeIssuers = (issuers: readonly ResolvedIssuer[]): string =>
  [...new Set(issuers.map(({ name, senderConstraint = 'none' }) => `${name}: ${senderConstraint}`))].join(
    ', ',
  )

/** A route only narrows: one of its issuers accepts everything that the route says. */
function checkNarrows(
  { issuer, senderConstraint }: ResolvedRoute,
  path: string,
  all: readonly ResolvedIssuer[],
  addProblem: AddProblem,
): void {
  const issuers = all.filter(({ name }) => issuer === null || issuer === name)
  if (senderConstraint === undefined || issuers.length === 0) return
  if (issuers.some((one) => NARROWER[one.senderConstraint ?? 'none'].includes(senderConstraint))) return
  addProblem(
    `${path}.senderConstraint`,
    `is ${JSON.stringify(senderConstraint)}, and no issuer of the route accepts all of these tokens (${describeIssuers(issuers)}); a route only narrows what an issuer accepts`,
  )
}

function checkRoute(
  route: ResolvedRoute,
  path: string,
  config: ResolvedConfig,
  addProblem: AddProblem,
): void {
  checkNarrows(route, path, [...config.issuers.values()], addProblem)
  if (route.replay !== undefined && (acceptedOn(route, config) & WITH_DPOP) === 0)
    addProblem(
      `${path}.replay`,
      'is about DPoP proofs, and the route accepts no token that is bound to a DPoP key; set senderConstraint of its issuer, or leave it out',
    )
}

/** In a build, the values of some URLs are not known. `createFillSlots` checks them when the edge starts. */
function checkUrls(
  { dpop, publicUrls, resources }: ResolvedConfig,
  isGiven: boolean,
  { needsOrigin, later }: EdgeEnvironment,
  addProblem: AddProblem,
): void {
  if (dpop && !isGiven && resources.length === 0)
    addProblem(
      'publicUrls',
      'is missing; a DPoP proof names the URL of its request, so list every URL under which clients know this API (for the Worker, resources do as well)',
    )
  if (needsOrigin === true && !later?.open.isOpen('publicUrls')) checkHasOrigin(publicUrls, addProblem)
}

/**
 * RFC 9449 section 7.1, RFC 8705 section 3: the userinfo endpoint wants a proof, too, which only the client can give.
 */
function checkUserinfo({ issuers }: ResolvedConfig, addProblem: AddProblem): void {
  const asking = [...issuers.values()].filter(
    ({ opaque, senderConstraint = 'none' }) => opaque.userinfo !== null && senderConstraint !== 'none',
  )
  for (const name of new Set(asking.map((issuer) => issuer.name)))
    addProblem(
      `issuers.${name}.userinfo`,
      'cannot be asked about bound tokens, for which the endpoint wants a proof of the client; leave it out, or accept no bound token of this issuer',
    )
}

/** `hasPublicUrls`: whether `publicUrls` is configured, if only with problems. */
export function checkSenderTogether(
  config: ResolvedConfig,
  hasPublicUrls: boolean,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): void {
  for (const [index, route] of config.routes.entries())
    if (route.demand !== null) checkRoute(route, `routes[${index}]`, config, addProblem)
  checkUrls(config, hasPublicUrls, environment, addProblem)
  checkUserinfo(config, addProblem)
  if (config.mtls) checkMtlsTogether(config.mtls, config, environment, addProblem)
  if ((config.dpop || config.mtls) && Object.hasOwn(config.identity.claims, 'sender'))
    addProblem('identity.claims.sender', 'is a name that the identity of a bound token has already')
}
