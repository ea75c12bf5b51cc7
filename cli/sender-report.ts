// What `lanekeeper check` says about a stage that accepts bound tokens: the routes that accept and demand them, where
// used proofs are kept, and what API Gateway cannot do. RFC 9449.

import type { LanekeeperConfig, ResolvedConfig, ResolvedRoute } from '../shared/index.ts'
import { acceptedOn, DPOP_BOUND, UNBOUND } from '../shared/edge.ts'

const GATEWAY =
  'API Gateway cannot do all of DPoP: it sends no nonce, an HTTP API or a WebSocket API no challenge, and a REST API only the challenge of a gateway response, which is the same for every refusal (docs/dpop.md)'

/** The reason why a stage is not checked for API Gateway. */
export const WORKER_ALONE =
  'dpop.nonce: this stage is for the Worker alone, because API Gateway sends no nonce; it is left out for API Gateway, and lanekeeper build --edge aws refuses it'

const namesOf = (routes: readonly ResolvedRoute[]): string => routes.map(({ name }) => name).join('; ')

/** Notes on sender constraints. `hasGateway`: whether the stage has API Gateway in front of an edge. */
export function describeSenders(config: ResolvedConfig, hasGateway: boolean): readonly string[] {
  if (config.dpop == null) return []
  const routes = config.routes.filter(({ demand }) => demand !== null)
  const bound = routes.filter((route) => (acceptedOn(route, config) & DPOP_BOUND) !== 0)
  if (bound.length === 0) return ['bound tokens are refused: no route accepts them']
  const alone = bound.filter((route) => (acceptedOn(route, config) & UNBOUND) === 0)
  const strong = bound.filter(({ replay }) => replay === 'strong')
  return [
    `tokens that are bound to a DPoP key are accepted with their proof: ${namesOf(bound)}`,
    ...(alone.length === 0 ? [] : [`unbound tokens are refused: ${namesOf(alone)}`]),
    strong.length === 0
      ? 'each instance remembers the proofs that it has seen; no route has replay strong, so another instance accepts a proof once more'
      : `used proofs are kept in the store of all instances (strong): ${namesOf(strong)}; for other routes in the memory of each instance`,
    ...(hasGateway ? [GATEWAY] : []),
  ]
}

const hasNonce = ({ dpop, stages }: LanekeeperConfig, stage: string): boolean =>
  (stages?.[stage]?.dpop ?? dpop)?.nonce !== undefined

/** Whether a stage has nonces, which API Gateway cannot send, and another one is there that has none. */
export const isForWorkerAlone = (config: LanekeeperConfig, stage: string | undefined): boolean =>
  stage !== undefined &&
  hasNonce(config, stage) &&
  Object.keys(config.stages ?? {}).some((other) => !hasNonce(config, other))
