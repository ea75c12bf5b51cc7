// Sends an allowed request to the origin, with the signed assertion if one is configured, and keeps the response from
// shared caches. If the origin cannot be reached, the client gets 502 (RFC 9110 section 15.6.3).

import type { Allow, Assertions, CoreConfig, Ports, ResolvedConfig, WaitUntil } from '../../shared/edge.ts'
import { createForward, type CopyRequest } from './origin-request.ts'
import { toResponse } from './refusal.ts'
import { originOf, type Target } from './request.ts'
import { keepFromSharedCaches } from './shared-caches.ts'

const badGateway = (): Response => {
  const headers = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  return new Response(JSON.stringify({ title: 'Bad Gateway', status: 502 }), { status: 502, headers })
}

/**
 * Whether a shared cache may keep the response: the request had no grant, or the route allows it (`sharedCaches`).
 * Never for a request that report-only let through: the cache would still serve the response once refusals are
 * enforced.
 */
const mayBeShared = ({ grant, wouldDeny, route }: Allow, sharing: ReadonlySet<string>): boolean =>
  wouldDeny === undefined && (grant === null || (route !== undefined && sharing.has(route)))

/** The configuration that a Fetch edge reads. */
export type FetchConfig = CoreConfig &
  Pick<ResolvedConfig, 'origin' | 'serverTiming'> &
  // A plan leaves out a section that is not configured.
  Partial<Pick<ResolvedConfig, 'cors' | 'diagnostics'>>

/** The response to a request. `isFromEdge`: this edge made it, and not the origin. */
export interface Answer {
  readonly response: Response
  readonly isFromEdge: boolean
  /** The decision that let the request pass; absent: it was refused. */
  readonly allowed?: Allow
  /** Milliseconds, by name. */
  readonly timings?: Readonly<Record<string, number>>
}

/** The functions by which a platform reaches the origin. */
export interface OriginRuntime {
  readonly copyRequest: CopyRequest
  /** Rejects where the origin cannot be reached. */
  send(request: Request): Promise<Response>
}

export type SendOn = (
  request: Request,
  target: Target,
  decision: Allow,
  waitUntil: WaitUntil | undefined,
) => Promise<Answer>

/** Creates `SendOn`. `assertions`: `null` where none is configured. */
export function createSendOn(
  config: FetchConfig,
  assertions: Assertions | null,
  { report }: Pick<Ports, 'report'>,
  runtime: OriginRuntime,
): SendOn {
  const toOriginRequest = createForward(config, runtime.copyRequest)
  const sharing = new Set(config.routes.filter((route) => route.sharedCaches).map(({ name }) => name))

  return async (request, target, decision, waitUntil) => {
    const { method } = request
    // A request without a host has been refused already, except in report-only.
    if (config.origin?.sameZone === true && originOf(request.url) === '')
      return { response: toResponse({ allow: false, code: 'host_unknown' }, config.realm), isFromEdge: true }
    const signed =
      assertions === null ? null : await assertions.sign(decision, { method, path: target.path }, waitUntil)
    if (signed !== null && typeof signed !== 'string') {
      report({ event: 'origin', outcome: 'failed', code: 'assertion_unavailable' })
      if (decision.reportOnly !== true)
        return { response: toResponse({ allow: false, ...signed }, config.realm), isFromEdge: true }
    }
    const proof = typeof signed === 'string' ? signed : null
    const shared = mayBeShared(decision, sharing)
    // Outside of `try`: only a failure of `send` is reported as `origin_unreachable`.
    const forwarded = toOriginRequest(request, target, decision, proof, shared)
    let response: Response
    try {
      response = await runtime.send(forwarded)
    } catch {
      report({ event: 'origin', outcome: 'failed', code: 'origin_unreachable' })
      return { response: badGateway(), isFromEdge: true }
    }
    return { response: shared ? response : keepFromSharedCaches(response), isFromEdge: false }
  }
}
