// The Worker in front of an origin: reads the request, asks the core, then either sends the request on or
// answers with the refusal. It translates and decides nothing.

import {
  checkHost,
  createAssertions,
  createAuthorizer,
  createSafeReport,
  type Allow,
  type AuthorizationRequest,
  type KeyCache,
  type LanekeeperConfig,
  type GivenPorts,
  type Ports,
  type ReportEvent,
  type WaitUntil,
} from '../../shared/index.ts'
import { createKeyCache, type CacheStorageLike } from '../fetch/key-cache.ts'
import { createAnalyticsReport, type AnalyticsDataset } from './analytics.ts'
import { answerPreflight, preflightMethod, setCors } from '../fetch/cors.ts'
import { isRemoved } from '../fetch/foreign-fields.ts'
import { createForward } from '../fetch/origin-request.ts'
import { createCopyRequest, createSend } from './origin.ts'
import { answerPublished, findPublished } from '../fetch/published.ts'
import { toResponse } from '../fetch/refusal.ts'
import { originOf, readRequest, targetOf, type Target } from '../fetch/request.ts'
import { readClientCertificate } from './client-certificate.ts'
import { readRequestId } from './request.ts'
import { createRpc } from './rpc.ts'
import { createWorkerSecrets, WORKER_SECRETS } from './secrets.ts'
import { keepFromSharedCaches } from '../fetch/shared-caches.ts'

export { lanekeeper } from './middleware.ts'
export type { LanekeeperVariables } from '../fetch/middleware.ts'
export { toForwardedHeaders, type ForwardedHeadersOptions } from '../fetch/forwarded.ts'
export { toAuthorizationRequest } from './request.ts'
export { createAnalyticsReport, type AnalyticsDataset } from './analytics.ts'
export type { RpcAnswer } from './rpc.ts'

/** What the Worker's environment may hold: `LANEKEEPER_STAGE`, values for `${env:NAME}`, secrets, bindings. */
export type WorkerEnv = Readonly<Record<string, unknown>>

export interface WorkerOptions {
  /** Where events go. Default: one JSON line each on the console, and the dataset bound as `LANEKEEPER_ANALYTICS`. */
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

const badGateway = (): Response => {
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  return new Response(JSON.stringify({ title: 'Bad Gateway', status: 502 }), { status: 502, headers })
}

/**
 * Whether a shared cache may keep the response: it is public, or the route says so. What would have been refused is
 * never kept, because it would still be served from there once refusals are enforced.
 */
const mayBeShared = ({ grant, wouldDeny, route }: Allow, sharing: ReadonlySet<string>): boolean =>
  wouldDeny === undefined && (grant === null || (route !== undefined && sharing.has(route)))

interface ExecutionContextLike {
  waitUntil(work: Promise<unknown>): void
}

/** What came of a request, and whether the Worker said so itself. */
interface Answer {
  readonly response: Response
  readonly own: boolean
  /** Milliseconds, by name. */
  readonly timings?: Readonly<Record<string, number>>
}

/**
 * Builds the Worker for a configuration and its environment. Call it at the top of the Worker's module, so
 * that a broken configuration stops the deployment and not the first request. `authorize` is the decision alone,
 * for an RPC entrypoint.
 *
 * @throws {ConfigError} listing every problem, a missing origin or binding included.
 */
export function createWorker(config: LanekeeperConfig, env: WorkerEnv = {}, options: WorkerOptions = {}) {
  const fetch =
    options.fetch ?? ((input: RequestInfo | URL, init?: RequestInit) => globalThis.fetch(input, init))
  const report = createSafeReport(options.report ?? createDefaultReport(env))
  const now = options.now ?? (() => Date.now())
  const keyCache = options.keyCache === undefined ? defaultKeyCache() : options.keyCache
  const ports: GivenPorts = {
    fetch,
    now,
    report,
    ...(keyCache === null ? {} : { keyCache }),
    secrets: options.secrets ?? createWorkerSecrets(env),
  }
  const authorizer = createAuthorizer(config, ports, {
    stage: env['LANEKEEPER_STAGE'] as string | undefined,
    env,
    needsOrigin: true,
    isRemoved,
    secretKinds: WORKER_SECRETS,
  })
  const settings = authorizer.config
  const assertion = settings.origin?.assertion ?? null
  const assertions = assertion === null ? null : createAssertions(assertion, ports)
  const send = createSend(settings, env, (request) => fetch(request))
  const toOrigin = createForward(settings, createCopyRequest(settings))
  const sharing = new Set(settings.routes.filter((route) => route.sharedCaches).map(({ name }) => name))

  async function sendOn(
    request: Request,
    target: Target,
    decision: Allow,
    waitUntil: WaitUntil | undefined,
  ): Promise<Answer> {
    const { method } = request
    // Only where refusals are recorded and not enforced does it come this far.
    if (settings.origin?.sameZone === true && originOf(request.url) === '')
      return { response: toResponse({ allow: false, code: 'host_unknown' }, settings.realm), own: true }
    const signed =
      assertions === null ? null : await assertions.sign(decision, { method, path: target.path }, waitUntil)
    if (signed !== null && typeof signed !== 'string') {
      report({ event: 'origin', outcome: 'failed', code: 'assertion_unavailable' })
      if (decision.reportOnly !== true)
        return { response: toResponse({ allow: false, ...signed }, settings.realm), own: true }
    }
    const proof = typeof signed === 'string' ? signed : null
    const shared = mayBeShared(decision, sharing)
    // Outside of `try`: only what fails on the way to the origin is said of the origin.
    const forwarded = toOrigin(request, target, decision, proof, shared)
    let response: Response
    try {
      response = await send(forwarded)
    } catch {
      report({ event: 'origin', outcome: 'failed', code: 'origin_unreachable' })
      return { response: badGateway(), own: true }
    }
    return { response: shared ? response : keepFromSharedCaches(response), own: false }
  }

  /** The answer to a CORS preflight; `null` where the request is decided like any other. */
  async function handlePreflight(
    request: Request,
    target: Target,
    cors: NonNullable<typeof settings.cors>,
    waitUntil: WaitUntil | undefined,
  ): Promise<Response | null> {
    const method = await preflightMethod(request, cors)
    const route = method === null ? null : authorizer.findRoute(method, target.path)
    if (method === null || route === null) return null
    const passed = cors.preflight === 'pass'
    report({
      event: 'preflight',
      outcome: passed ? 'passed' : 'answered',
      code: 'preflight',
      route: route.name,
    })
    if (!passed) return answerPreflight(request, method, cors)
    return (await sendOn(request, target, { allow: true, route: route.name, grant: null }, waitUntil))
      .response
  }

  function toQuestion(request: Request, target: Target): AuthorizationRequest {
    const { needs } = authorizer
    const asked = readRequest(request, target, needs, readRequestId(request))
    const clientCertificate = needs.clientCertificate ? readClientCertificate(request) : null
    return clientCertificate === null ? asked : { ...asked, clientCertificate }
  }

  async function decideAndSend(
    request: Request,
    target: Target,
    waitUntil: WaitUntil | undefined,
  ): Promise<Answer> {
    const asked = now()
    const decision = await authorizer.authorize(toQuestion(request, target), waitUntil)
    const decided = now()
    if (!decision.allow)
      return {
        response: toResponse(decision, settings.realm),
        own: true,
        timings: { authorize: decided - asked },
      }
    const answer = await sendOn(request, target, decision, waitUntil)
    return { ...answer, timings: { authorize: decided - asked, origin: now() - decided } }
  }

  /** Adds what browsers need. A WebSocket handshake goes back as it came. */
  function finish(request: Request, { response, own, timings = {} }: Answer): Response {
    const { cors, serverTiming } = settings
    const sharing = cors !== null && (own || cors.preflight === 'answer') ? cors : null
    if (response.status === 101 || (sharing === null && !serverTiming)) return response
    const finished = new Response(response.body, response)
    if (sharing !== null) setCors(finished.headers, request, sharing, own)
    if (serverTiming)
      for (const [name, ms] of Object.entries(timings))
        finished.headers.append('server-timing', `${name};dur=${ms}`)
    return finished
  }

  async function handle(request: Request, waitUntil: WaitUntil | undefined): Promise<Response> {
    const target = targetOf(request.url)
    // Nothing is answered here in the name of a host that is not ours.
    if (checkHost({ origin: originOf(request.url) }, settings) !== null)
      return finish(request, await decideAndSend(request, target, waitUntil))
    const published = findPublished(target.path, settings, assertions)
    if (published !== null) return answerPublished(request, published, waitUntil)
    const { cors } = settings
    const preflight = cors === null ? null : await handlePreflight(request, target, cors, waitUntil)
    return preflight ?? finish(request, await decideAndSend(request, target, waitUntil))
  }

  return {
    /** Answers a request. Never rejects. Platforms without an execution context let what outlives the response run. */
    async fetch(request: Request, _env?: unknown, context?: ExecutionContextLike): Promise<Response> {
      try {
        return await handle(request, context && ((work) => context.waitUntil(work)))
      } catch (error) {
        const detail = { error: error instanceof Error ? error.name : typeof error }
        report({ event: 'origin', outcome: 'failed', code: 'internal_error', detail })
        return toResponse({ allow: false, code: 'internal_error' }, settings.realm)
      }
    },
    authorize: createRpc(authorizer),
  }
}
