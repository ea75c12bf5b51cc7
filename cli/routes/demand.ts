// What a rule demands of a token, in words, for `lanekeeper routes`. Reads the resolved configuration, so what a stage
// or an issuer adds is there, too.

import { acceptedOn, DPOP_ALONE, DPOP_AND_MTLS, MTLS_ALONE, UNBOUND } from '../../shared/edge.ts'
import type { ResolvedConfig, ResolvedRoute } from '../../shared/index.ts'

/** The kinds of tokens that a rule can accept, in words. */
const KINDS: readonly (readonly [kind: number, text: string])[] = [
  [UNBOUND, 'bearer'],
  [DPOP_ALONE, 'DPoP'],
  [MTLS_ALONE, 'mTLS'],
  [DPOP_AND_MTLS, 'DPoP and mTLS together'],
]

function scopesOf({ allOf, anyOf }: NonNullable<ResolvedRoute['demand']>): readonly string[] {
  if (allOf.length + anyOf.length === 0) return ['any valid access token']
  return [
    ...(allOf.length === 0 ? [] : [`scope ${allOf.join(' and ')}`]),
    ...(anyOf.length === 0 ? [] : [`scope ${anyOf.join(' or ')}`]),
  ]
}

function conditionsOf({ conditions }: ResolvedRoute): readonly string[] {
  const { clients, claims, authorizationDetails, acr, maxAgeSeconds } = conditions
  return [
    ...(clients === null ? [] : [`client ${[...clients].join(' or ')}`]),
    ...[...claims].map(([name, values]) => `claim ${name} = ${[...values].map(String).join(' or ')}`),
    ...(authorizationDetails.length === 0
      ? []
      : [`authorization_details ${authorizationDetails.join(' and ')}`]),
    ...(acr.length === 0 ? [] : [`acr ${acr.join(' or ')}`]),
    ...(maxAgeSeconds === null ? [] : [`signed in within ${maxAgeSeconds} s`]),
  ]
}

/** Nothing where every token is plain and the configuration has no bound ones. */
function senderOf(route: ResolvedRoute, config: ResolvedConfig): readonly string[] {
  if (config.dpop == null && config.mtls == null) return []
  const accepted = acceptedOn(route, config)
  const kinds = KINDS.filter(([kind]) => (accepted & kind) !== 0).map(([, text]) => text)
  return [
    `sender ${kinds.length === 0 ? 'none: every token is refused' : kinds.join(' or ')}`,
    ...(route.replay === 'strong' ? ['used proofs strong'] : []),
  ]
}

const revocationOf = ({ revocation }: ResolvedRoute, config: ResolvedConfig): readonly string[] =>
  config.revocation == null || revocation === undefined ? [] : [`revocation ${revocation}`]

/** One text for each demand, in the order in which they are checked. `['public']`: no token is read. */
export function describeDemand(route: ResolvedRoute, config: ResolvedConfig): readonly string[] {
  const { demand, issuer, resources } = route
  if (demand === null) return ['public']
  return [
    ...(issuer === null ? [] : [`issuer ${issuer}`]),
    ...(resources.length === 0
      ? []
      : [`resource ${resources.map(({ identifier }) => identifier).join(' or ')}`]),
    ...senderOf(route, config),
    ...revocationOf(route, config),
    ...scopesOf(demand),
    ...conditionsOf(route),
  ]
}
