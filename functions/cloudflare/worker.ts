// The Worker in front of an origin: the handler of functions/fetch/ with the ports of Cloudflare. Decides nothing.

import {
  createAuthorizer,
  createSafeReport,
  type KeyCache,
  type LanekeeperConfig,
  type GivenPorts,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import { isRemoved } from '../fetch/spoofable-fields.ts'
import { createFetchHandler } from '../fetch/handler.ts'
import { createKeyCache, type CacheStorageLike } from '../fetch/key-cache.ts'
import { createAnalyticsReport, type AnalyticsDataset } from './analytics.ts'
import { createCopyRequest, createSend } from './origin.ts'
import { CLOUDFLARE_FACTS } from './request.ts'
import { createRpc } from './rpc.ts'
import { createWorkerSecrets, WORKER_SECRETS } from './secrets.ts'

export { createHonoMiddleware, lanekeeper } from './middleware.ts'
export type { LanekeeperVariables } from '../fetch/middleware.ts'
export { toForwardedHeaders, type ForwardedHeadersOptions } from '../fetch/forwarded.ts'
export { toAuthorizationRequest } from './request.ts'
export { createAnalyticsReport, type AnalyticsDataset } from './analytics.ts'
export type { RpcAnswer } from './rpc.ts'

/**
 * The `env` of a Worker. These members are read: `LANEKEEPER_STAGE`, values for `${env:NAME}`, secrets and bindings
 * that the configuration names, and the dataset `LANEKEEPER_ANALYTICS`. Others are ignored.
 */
export type WorkerEnv = Readonly<Record<string, unknown>>

/** Replacements for the ports of `createWorker`. Each has a default, so a Worker usually needs none. */
export interface WorkerOptions {
  /** Receives every event. Default: one JSON line on the console, and the dataset bound as `LANEKEEPER_ANALYTICS`. */
  readonly report?: Ports['report']
  /** Used for key sets, lookups of tokens and the origin. Default: the global `fetch`. */
  readonly fetch?: typeof globalThis.fetch
  /** Shares key sets between isolates. Default: the Cache API, if the platform has it; `null`: not shared. */
  readonly keyCache?: KeyCache | null
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: Ports['now']
  /** Default: the Worker's secrets and variables, and Secrets Store bindings. */
  readonly secrets?: Ports['secrets']
}

const logReport = (event: ReportEvent): void => console.log(JSON.stringify({ door: 'worker', ...event }))

function createDefaultReport(env: WorkerEnv): Ports['report'] {
  const dataset = env['LANEKEEPER_ANALYTICS'] as AnalyticsDataset | undefined
  if (dataset === undefined) return logReport
  const count = createSafeReport(createAnalyticsReport(dataset))
  return (event) => {
    count(event)
    logReport(event)
  }
}

function defaultKeyCache(): KeyCache | null {
  const { caches } = globalThis as { caches?: CacheStorageLike }
  return caches === undefined ? null : createKeyCache(caches)
}

interface ExecutionContextLike {
  waitUntil(work: Promise<unknown>): void
}

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
export function createWorker(config: LanekeeperConfig, env: object = {}, options: WorkerOptions = {}) {
  // The `Env` of `wrangler types` is an interface, which has no index signature.
  const bindings = env as WorkerEnv
  const fetch =
    options.fetch ?? ((input: RequestInfo | URL, init?: RequestInit) => globalThis.fetch(input, init))
  const keyCache = options.keyCache === undefined ? defaultKeyCache() : options.keyCache
  const ports: GivenPorts = {
    fetch,
    now: options.now ?? (() => Date.now()),
    report: options.report ?? createDefaultReport(bindings),
    ...(keyCache === null ? {} : { keyCache }),
    secrets: options.secrets ?? createWorkerSecrets(bindings),
  }
  const authorizer = createAuthorizer(config, ports, {
    stage: bindings['LANEKEEPER_STAGE'] as string | undefined,
    env: bindings,
    needsOrigin: true,
    isRemoved,
    secretKinds: WORKER_SECRETS,
  })
  const handle = createFetchHandler(authorizer, ports, {
    ...CLOUDFLARE_FACTS,
    copyRequest: createCopyRequest(authorizer.config),
    send: createSend(authorizer.config, bindings, (request) => fetch(request)),
  })
  return {
    /** Answers a request. Never rejects. Without `context`, work that outlives the response runs on unattended. */
    fetch(request: Request, _env?: unknown, context?: ExecutionContextLike): Promise<Response> {
      return handle(request, context && ((work) => context.waitUntil(work)))
    },
    authorize: createRpc(authorizer),
  }
}
