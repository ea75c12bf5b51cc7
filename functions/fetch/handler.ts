// The edge in front of an origin, for any Fetch runtime: reads the request, lets the core decide, then sends the
// request on or answers with the refusal. It decides nothing itself, and everything of the platform is in
// `FetchRuntime`.

import {
  checkHost,
  createSafeReport,
  type Assertions,
  type Authorizer,
  type GivenPorts,
  type Stamp,
  type WaitUntil,
} from '../../shared/edge.ts'
import type { CorsPart } from './cors.ts'
import type { CreateDiagnostics } from './diagnostics.ts'
import type { DpopPart } from './dpop.ts'
import type { DescribeResource, PublishedPart } from './published.ts'
import type { ReceiversPart } from './receivers.ts'
import { toResponse } from './refusal.ts'
import { originOf, readRequest, targetOf, type PlatformFacts, type Target } from './request.ts'
import { createSendOn, type Answer, type FetchConfig, type OriginRuntime } from './send-on.ts'

/** The functions that a platform adds to the Fetch standard. */
export interface FetchRuntime extends OriginRuntime, PlatformFacts {}

/** What fills the slots of this edge. A slot that the configuration does not use may be empty. */
export interface FetchParts {
  /** For `cors`. */
  readonly cors?: CorsPart
  /** For `origin.assertion`. */
  readonly createAssertions?: (
    config: NonNullable<NonNullable<FetchConfig['origin']>['assertion']>,
    ports: GivenPorts,
  ) => Assertions
  /** For `diagnostics`. */
  readonly createDiagnostics?: CreateDiagnostics
  /** For bound tokens beside `resources`: further members of their metadata. */
  readonly describe?: DescribeResource
  /** For tokens that are bound to DPoP keys. */
  readonly dpop?: DpopPart
  /** For `resources` and `origin.assertion`. */
  readonly published?: PublishedPart
  /** For `revocation.logout`. */
  readonly receivers?: ReceiversPart
}

/** Answers a request. Never rejects. Without `waitUntil`, work that outlives the response runs on unattended. */
export type FetchHandler = (request: Request, waitUntil?: WaitUntil) => Promise<Response>

/**
 * Builds the handler in front of an origin. `givenPorts`: the ports of the authorizer. `stamp`: what `diagnostics`
 * shows.
 *
 * Does not check that the configuration has an origin: `createAuthorizer` does, where `needsOrigin` is set.
 */
export function createFetchHandler(
  authorizer: Authorizer<FetchConfig>,
  givenPorts: GivenPorts,
  runtime: FetchRuntime,
  parts: FetchParts,
  stamp: Stamp,
): FetchHandler {
  const { config, needs } = authorizer
  const report = createSafeReport(givenPorts.report)
  const ports = { ...givenPorts, report }
  const { now } = ports
  const assertion = config.origin?.assertion ?? null
  const assertions = assertion === null ? null : parts.createAssertions!(assertion, ports)
  const sendOn = createSendOn(config, assertions, ports, runtime)

  /** The response to a CORS preflight; `null` where the request is none, or no rule covers it: it is then decided. */
  async function handlePreflight(
    request: Request,
    target: Target,
    cors: NonNullable<typeof config.cors>,
    waitUntil: WaitUntil | undefined,
  ): Promise<Response | null> {
    const method = await parts.cors!.preflightMethod(request, cors)
    const route = method === null ? null : authorizer.findRoute(method, target.path)
    if (method === null || route === null) return null
    const passed = cors.preflight === 'pass'
    report({
      event: 'preflight',
      outcome: passed ? 'passed' : 'answered',
      code: 'preflight',
      route: route.name,
    })
    if (!passed) return parts.cors!.answerPreflight(request, method, cors)
    return (await sendOn(request, target, { allow: true, route: route.name, grant: null }, waitUntil))
      .response
  }

  async function decideAndSend(
    request: Request,
    target: Target,
    waitUntil: WaitUntil | undefined,
  ): Promise<Answer> {
    const received = now()
    const decision = await authorizer.authorize(readRequest(request, target, needs, runtime), waitUntil)
    const decided = now()
    if (!decision.allow)
      return {
        response: toResponse(decision, config.realm),
        isFromEdge: true,
        timings: { authorize: decided - received },
      }
    const answer = await sendOn(request, target, decision, waitUntil)
    return {
      ...answer,
      allowed: decision,
      timings: { authorize: decided - received, origin: now() - decided },
    }
  }

  /** Adds CORS and Server-Timing fields. The response to a WebSocket handshake (101) is not changed. */
  function addFields(request: Request, { response, isFromEdge, timings = {} }: Answer): Response {
    const { cors = null, serverTiming } = config
    const sharing = cors !== null && (isFromEdge || cors.preflight === 'answer') ? cors : null
    if (response.status === 101 || (sharing === null && !serverTiming)) return response
    const finished = new Response(response.body, response)
    if (sharing !== null) parts.cors!.setCors(finished.headers, request, sharing, isFromEdge)
    if (serverTiming)
      for (const [name, ms] of Object.entries(timings))
        finished.headers.append('server-timing', `${name};dur=${ms}`)
    return finished
  }

  function finish(request: Request, answer: Answer): Response {
    const response = addFields(request, answer)
    return parts.dpop?.finish(response, answer.allowed, config) ?? response
  }

  async function handle(request: Request, waitUntil: WaitUntil | undefined): Promise<Response> {
    const target = targetOf(request.url)
    // For a host that is not listed no message is received, no document published and no preflight answered.
    if (checkHost({ origin: originOf(request.url) }, config) !== null)
      return finish(request, await decideAndSend(request, target, waitUntil))
    const receiver = parts.receivers?.find(target.path, authorizer.receivers) ?? null
    if (receiver !== null) return parts.receivers!.answer(request, receiver, waitUntil)
    const published = parts.published?.find(target.path, config, assertions, parts.describe) ?? null
    if (published !== null) return parts.published!.answer(request, published, waitUntil)
    const { cors = null } = config
    const preflight = cors === null ? null : await handlePreflight(request, target, cors, waitUntil)
    return preflight ?? finish(request, await decideAndSend(request, target, waitUntil))
  }

  const handleAll: FetchHandler = async (request, waitUntil) => {
    try {
      return await handle(request, waitUntil)
    } catch (error) {
      const detail = { error: error instanceof Error ? error.name : typeof error }
      report({ event: 'origin', outcome: 'failed', code: 'internal_error', detail })
      return toResponse({ allow: false, code: 'internal_error' }, config.realm)
    }
  }

  const { diagnostics = null } = config
  return diagnostics === null ? handleAll : parts.createDiagnostics!(handleAll, diagnostics, ports, stamp)
}
