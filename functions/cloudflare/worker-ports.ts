// The ports of a Worker: the global fetch, its secrets and bindings, the Cache API, and a line of JSON for each event.

import type { GivenPorts, KeyCache, Ports, ReportEvent } from '../../shared/edge.ts'
import { createSafeReport, type Stamp } from '../../shared/edge.ts'
import { createKeyCache, type CacheStorageLike } from '../fetch/key-cache.ts'
import { createAnalyticsReport, type AnalyticsDataset } from './analytics.ts'
import { createWorkerSecrets } from './secrets.ts'

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

/** The ports of a Worker. Its `report` never throws and adds `stamp`, which is a member as well, to each event. */
export function createWorkerPorts(env: WorkerEnv, options: WorkerOptions, stamp: Stamp) {
  const fetch =
    options.fetch ?? ((input: RequestInfo | URL, init?: RequestInit) => globalThis.fetch(input, init))
  const keyCache = options.keyCache === undefined ? defaultKeyCache() : options.keyCache
  return {
    fetch,
    now: options.now ?? (() => Date.now()),
    report: createSafeReport(options.report ?? createDefaultReport(env), stamp),
    ...(keyCache === null ? {} : { keyCache }),
    secrets: options.secrets ?? createWorkerSecrets(env),
    stamp,
  } satisfies GivenPorts & { readonly stamp: Stamp }
}
