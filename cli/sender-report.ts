// What `lanekeeper check` says about a stage that accepts bound tokens: the routes that accept and demand them, where
// used proofs are kept, and what API Gateway cannot do. RFC 9449, RFC 8705.

import type { ConfigProblem, LanekeeperConfig, ResolvedConfig, ResolvedRoute } from '../shared/index.ts'
import {
  acceptedOn,
  DPOP_ALONE,
  DPOP_AND_MTLS,
  DPOP_BOUND,
  MTLS_ALONE,
  MTLS_BOUND,
  UNBOUND,
} from '../shared/edge.ts'

export const GATEWAY =
  'API Gateway cannot do all of DPoP: it sends no nonce, an HTTP API or a WebSocket API no challenge, and a REST API only the challenge of a gateway response, which is the same for every refusal (docs/dpop.md)'

const GATEWAY_CERTIFICATES =
  'API Gateway asks for client certificates on custom domains alone, looks at no list of revoked ones, and states none to a TOKEN authorizer or in the handshake of a WebSocket API (docs/mtls.md)'

/** Settings that API Gateway cannot apply, each with the reason. */
const WORKER_ALONE = {
  'dpop.nonce': 'API Gateway sends no nonce',
  'mtls.issuerSki': 'API Gateway does not name the CA of a client certificate by its key',
} as const

const namesOf = (routes: readonly ResolvedRoute[]): string => routes.map(({ name }) => name).join('; ')

/** The kinds of bound tokens, and with what each is accepted. */
const ACCEPTED: readonly (readonly [kind: number, text: string])[] = [
  [DPOP_ALONE, 'tokens that are bound to a DPoP key are accepted with their proof'],
  [MTLS_ALONE, 'tokens that are bound to a client certificate are accepted with this certificate'],
  [DPOP_AND_MTLS, 'tokens that are bound to both are accepted with both'],
]

function describeReplays(routes: readonly ResolvedRoute[]): string {
  const strong = routes.filter(({ replay }) => replay === 'strong')
  return strong.length === 0
    ? 'each instance remembers the proofs that it has seen; no route has replay strong, so another instance accepts a proof once more'
    : `used proofs are kept in the store of all instances (strong): ${namesOf(strong)}; for other routes in the memory of each instance`
}

/** Notes on sender constraints. `hasGateway`: whether the stage has API Gateway in front of an edge. */
export function describeSenders(config: ResolvedConfig, hasGateway: boolean): readonly string[] {
  if (config.dpop == null && config.mtls == null) return []
  const routes = config.routes.filter(({ demand }) => demand !== null)
  const accepting = (kinds: number) => routes.filter((route) => (acceptedOn(route, config) & kinds) !== 0)
  const [byProof, byCertificate] = [accepting(DPOP_BOUND), accepting(MTLS_BOUND)]
  const accepted = ACCEPTED.map(([kind, text]) => [accepting(kind), text] as const).filter(
    ([found]) => found.length > 0,
  )
  if (accepted.length === 0) return ['bound tokens are refused: no route accepts them']
  const alone = accepting(DPOP_BOUND | MTLS_BOUND).filter(
    (route) => (acceptedOn(route, config) & UNBOUND) === 0,
  )
  return [
    ...accepted.map(([found, text]) => `${text}: ${namesOf(found)}`),
    ...(byProof.length === 0 ? [] : [describeReplays(byProof)]),
    ...(alone.length === 0 ? [] : [`unbound tokens are refused: ${namesOf(alone)}`]),
    ...(hasGateway && byProof.length > 0 ? [GATEWAY] : []),
    ...(hasGateway && byCertificate.length > 0 ? [GATEWAY_CERTIFICATES] : []),
  ]
}

/** The section `mtls` of a stage as it is written; `undefined`: the stage has none. */
export const mtlsSectionOf = (
  { mtls, stages }: LanekeeperConfig,
  stage: string | undefined,
): LanekeeperConfig['mtls'] => (stage === undefined ? undefined : stages?.[stage]?.mtls) ?? mtls

/** A warning about the fields of `mtls.header`, which an authorizer of API Gateway cannot remove. */
export function findVisibleFields({ mtls, aws }: ResolvedConfig): readonly ConfigProblem[] {
  const functions = aws.authorizers.size > 0 ? [...aws.authorizers.values()] : [aws]
  if (mtls?.header == null || functions.every(({ senderConstraint }) => senderConstraint === 'none'))
    return []
  const { name, guard } = mtls.header
  return [
    {
      path: 'mtls.header',
      message: `${name} and ${guard.header}, with the secret of the proxy, reach the integration of API Gateway, because an authorizer removes no field; the integration must not log or pass on the secret (docs/mtls.md)`,
    },
  ]
}

type Alone = keyof typeof WORKER_ALONE

function aloneSettingsOf(config: LanekeeperConfig, stage: string): readonly Alone[] {
  const { dpop = config.dpop } = config.stages?.[stage] ?? {}
  return [
    ...(dpop?.nonce === undefined ? [] : ['dpop.nonce' as const]),
    ...(mtlsSectionOf(config, stage)?.issuerSki === undefined ? [] : ['mtls.issuerSki' as const]),
  ]
}

/**
 * Why a stage is not checked for API Gateway: it has what API Gateway cannot do, and another stage is there that has
 * nothing of it. Empty: it is checked.
 */
export function findWorkerAlone(config: LanekeeperConfig, stage: string | undefined): readonly string[] {
  const hasOther = Object.keys(config.stages ?? {}).some(
    (other) => aloneSettingsOf(config, other).length === 0,
  )
  if (stage === undefined || !hasOther) return []
  return aloneSettingsOf(config, stage).map(
    (setting) =>
      `${setting}: this stage is for the Worker alone, because ${WORKER_ALONE[setting]}; it is left out for API Gateway, and lanekeeper build --edge aws refuses it`,
  )
}
