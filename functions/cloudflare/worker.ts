// `createWorker`: the Worker for a configuration that is compiled when the Worker starts. It has all parts.
// planned-worker.ts starts what `lanekeeper build` has compiled.

import { assembleAllParts, compileFor } from '../../shared/compiler.ts'
import { stampOf } from '../../shared/edge.ts'
import { webCrypto, type LanekeeperConfig, type ResolvedConfig } from '../../shared/index.ts'
import { ALL_FETCH_PARTS } from '../fetch/all-parts.ts'
import type { FetchConfig } from '../fetch/send-on.ts'
import { CLOUDFLARE_EDGE } from './compile.ts'
import { createWorkerFor, type Worker } from './create-worker.ts'
import { durableObject } from './parts/durable-object.ts'
import { replays } from './parts/replays.ts'
import { createWorkerPorts, type WorkerEnv, type WorkerOptions } from './worker-ports.ts'

export { createHonoMiddleware, lanekeeper } from './middleware.ts'
export type { LanekeeperVariables } from '../fetch/middleware.ts'
export { toForwardedHeaders, type ForwardedHeadersOptions } from '../fetch/forwarded-headers.ts'
export { toAuthorizationRequest } from './request.ts'
export { createAnalyticsReport, type AnalyticsDataset } from './analytics.ts'
export type { RpcAnswer } from './rpc.ts'
export type { Worker } from './create-worker.ts'
export type { WorkerEnv, WorkerOptions } from './worker-ports.ts'

const storesOf = ({ revocation, dpop }: ResolvedConfig, env: WorkerEnv) => ({
  ...(revocation == null
    ? {}
    : { revocations: durableObject.revocations!({ revocation } as FetchConfig, env) }),
  ...(dpop?.replay.durableObject == null ? {} : { replays: replays.replays!({ dpop } as FetchConfig, env) }),
})

/**
 * Builds the Worker for a configuration and its environment. Call it at the top of the Worker's module, so that a
 * broken configuration fails the deployment and not the first request. `env`: a `WorkerEnv`, or an interface of its
 * members.
 *
 * The result has `fetch`, which answers requests, and `authorize`, which only decides, for an RPC entrypoint.
 *
 * @throws {ConfigError} listing every problem, a missing origin or binding included.
 *
 * @example
 * ```ts
 * import { env } from 'cloudflare:workers'
 * import { createWorker } from 'lanekeeper/cloudflare'
 * import config from './lanekeeper.config.ts'
 *
 * export default createWorker(config, env)
 * ```
 */
export function createWorker(
  config: LanekeeperConfig,
  env: object = {},
  options: WorkerOptions = {},
): Worker {
  // The `Env` of `wrangler types` is an interface, which has no index signature.
  const bindings = env as WorkerEnv
  const stage = bindings['LANEKEEPER_STAGE'] as string | undefined
  const { config: resolved, plan } = compileFor(CLOUDFLARE_EDGE, config, { stage, env: bindings })
  const given = createWorkerPorts(bindings, options, stampOf(plan))
  const ports = { ...given, ...storesOf(resolved, bindings) }
  const authorizer = assembleAllParts(resolved, { ...ports, crypto: webCrypto })
  return createWorkerFor(authorizer, ports, bindings, ALL_FETCH_PARTS)
}
