// The Worker in front of an origin: reads the request, asks the core, then either sends the request on or
// answers with the refusal. It translates and decides nothing.

import { Hono, type MiddlewareHandler } from 'hono'
import {
  createAuthorizer,
  createSafeReport,
  toRefusal,
  type Allow,
  type AuthorizationRequest,
  type Authorizer,
  type Grant,
  type KeyCache,
  type LanekeeperConfig,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import { createKeyCache, type CacheStorageLike } from './key-cache.ts'
import { createWorkerSecrets, WORKER_SECRETS } from './secrets.ts'
import { answerMetadata } from './metadata.ts'
import { forward, targetOf, type ServiceBinding } from './origin.ts'
import { keepFromSharedCaches } from './shared-caches.ts'

/** What the Worker's environment may hold: `LANEKEEPER_STAGE`, values for `${env:NAME}`, secrets, bindings. */
export type WorkerEnv = Readonly<Record<string, unknown>>

export interface WorkerOptions {
  /** Where events go. Default: one JSON line each on the console. */
  readonly report?: Ports['report']
  /** Default: the global fetch, for key sets, questions about tokens and the origin alike. */
  readonly fetch?: typeof globalThis.fetch
  /** Where isolates leave each other key sets. Default: the Cache API where there is one; `null`: nowhere. */
  readonly keyCache?: KeyCache | null
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: Ports['now']
  /** Default: the Worker's secrets and variables, and Secrets Store bindings. */
  readonly secrets?: Ports['secrets']
}

/** Variables that the middleware sets on the Hono context. */
export interface LanekeeperVariables {
  /** The verified grant; `null` on a public route, and where a refusal is not enforced (report-only). */
  grant: Grant | null
  /** The decision that let the request pass. */
  decision: Allow
}

const logReport = (event: ReportEvent): void => console.log(JSON.stringify({ door: 'worker', ...event }))

/** Cloudflare's identifier of a request. It is set over whatever a client sends under this name. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/

function toAuthorizationRequest(request: Request): AuthorizationRequest {
  const { path, query } = targetOf(request.url)
  const authorization = request.headers.get('authorization')
  const ray = RAY.exec(request.headers.get('cf-ray') ?? '')?.[0]
  return {
    method: request.method,
    path,
    authorization: authorization === null ? [] : [authorization],
    accessTokenInQuery: new URLSearchParams(query).has('access_token'),
    ...(ray === undefined ? {} : { requestId: ray }),
  }
}

function defaultKeyCache(): KeyCache | null {
  const { caches } = globalThis as { caches?: CacheStorageLike }
  return caches === undefined ? null : createKeyCache(caches)
}

/** Work that may outlive the response; platforms without an execution context simply let it run. */
function waitUntilOf(context: { executionCtx: { waitUntil(work: Promise<unknown>): void } }) {
  try {
    const { executionCtx } = context
    return (work: Promise<unknown>) => executionCtx.waitUntil(work)
  } catch {
    return undefined
  }
}

/**
 * Hono middleware: refuses with the status and challenge of the decision, or sets `grant` and goes on.
 *
 * Does not strip or set headers; `createWorker` does that on the way to the origin.
 */
export function lanekeeper(authorizer: Authorizer): MiddlewareHandler<{ Variables: LanekeeperVariables }> {
  return async (context, next) => {
    const decision = await authorizer.authorize(toAuthorizationRequest(context.req.raw), waitUntilOf(context))
    if (!decision.allow) {
      const refusal = toRefusal(decision, authorizer.config.realm)
      return new Response(JSON.stringify(refusal.body), { status: refusal.status, headers: refusal.headers })
    }
    context.set('grant', decision.grant)
    context.set('decision', decision)
    return next()
  }
}

/**
 * Builds the Worker for a configuration and its environment. Call it at the top of the Worker's module, so
 * that a broken configuration stops the deployment and not the first request.
 *
 * @throws {ConfigError} listing every problem, a missing origin or binding included.
 */
export function createWorker(config: LanekeeperConfig, env: WorkerEnv = {}, options: WorkerOptions = {}) {
  const fetch =
    options.fetch ?? ((input: RequestInfo | URL, init?: RequestInit) => globalThis.fetch(input, init))
  const report = createSafeReport(options.report ?? logReport)
  const keyCache = options.keyCache === undefined ? defaultKeyCache() : options.keyCache
  const authorizer = createAuthorizer(
    config,
    {
      fetch,
      now: options.now ?? (() => Date.now()),
      report,
      ...(keyCache === null ? {} : { keyCache }),
      secrets: options.secrets ?? createWorkerSecrets(env),
    },
    {
      stage: env['LANEKEEPER_STAGE'] as string | undefined,
      env,
      needsOrigin: true,
      secretKinds: WORKER_SECRETS,
    },
  )
  const binding = authorizer.config.origin?.binding ?? null
  const send =
    binding === null
      ? (request: Request) => fetch(request)
      : (request: Request) => (env[binding] as ServiceBinding).fetch(request)

  const app = new Hono<{ Variables: LanekeeperVariables }>()
  app.use(async (context, next) => {
    const { method, url } = context.req.raw
    return answerMetadata(method, targetOf(url).path, authorizer.config) ?? next()
  })
  app.use(lanekeeper(authorizer))
  app.all('*', async (context) => {
    const decision = context.get('decision')
    const response = await forward(context.req.raw, decision, authorizer.config, send)
    return decision.grant === null ? response : keepFromSharedCaches(response)
  })
  app.onError(() => {
    report({ event: 'origin', outcome: 'failed', code: 'origin_unreachable' })
    const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
    return new Response(JSON.stringify({ title: 'Bad Gateway', status: 502 }), { status: 502, headers })
  })
  return app
}
