// An allowed request on its way to the origin and back: the assertion that goes along, and what becomes of the response.
// Where the origin cannot be reached the answer is a 502 (RFC 9110 section 15.6.3).

import type { Allow, Assertions, Ports, ResolvedConfig, WaitUntil } from '../../shared/index.ts'
import { createForward, type CopyRequest } from './origin-request.ts'
import { toResponse } from './refusal.ts'
import { originOf, type Target } from './request.ts'
import { keepFromSharedCaches } from './shared-caches.ts'

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

/** What came of a request, and whether the edge said so itself. */
export interface Answer {
  readonly response: Response
  readonly own: boolean
  /** Milliseconds, by name. */
  readonly timings?: Readonly<Record<string, number>>
}

/** What a platform does to reach the origin. */
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

/** How allowed requests are sent on. `assertions`: `null` where the configuration asks for none. */
export function createSendOn(
  config: ResolvedConfig,
  assertions: Assertions | null,
  { report }: Pick<Ports, 'report'>,
  runtime: OriginRuntime,
): SendOn {
  const toOriginRequest = createForward(config, runtime.copyRequest)
  const sharing = new Set(config.routes.filter((route) => route.sharedCaches).map(({ name }) => name))

  return async (request, target, decision, waitUntil) => {
    const { method } = request
    // Only where refusals are recorded and not enforced does it come this far.
    if (config.origin?.sameZone === true && originOf(request.url) === '')
      return { response: toResponse({ allow: false, code: 'host_unknown' }, config.realm), own: true }
    const signed =
      assertions === null ? null : await assertions.sign(decision, { method, path: target.path }, waitUntil)
    if (signed !== null && typeof signed !== 'string') {
      report({ event: 'origin', outcome: 'failed', code: 'assertion_unavailable' })
      if (decision.reportOnly !== true)
        return { response: toResponse({ allow: false, ...signed }, config.realm), own: true }
    }
    const proof = typeof signed === 'string' ? signed : null
    const shared = mayBeShared(decision, sharing)
    // Outside of `try`: only what fails on the way to the origin is said of the origin.
    const forwarded = toOriginRequest(request, target, decision, proof, shared)
    let response: Response
    try {
      response = await runtime.send(forwarded)
    } catch {
      report({ event: 'origin', outcome: 'failed', code: 'origin_unreachable' })
      return { response: badGateway(), own: true }
    }
    return { response: shared ? response : keepFromSharedCaches(response), own: false }
  }
}
