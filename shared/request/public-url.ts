// Which public origin of this API (`publicUrls`) a request is for. RFC 9110 sections 4.2.3, 7.4 and 15.5.20. Refuses
// hosts that are not listed; without `publicUrls` every valid host is accepted.

import type { CoreConfig } from '../config/config.ts'
import type { AuthorizationRequest } from '../decision.ts'
import { failure, type Failure } from '../failures/failure.ts'

/**
 * The public origin of a request, in the form of `URL.origin`: the entry of `publicUrls` with the host and port of
 * `origin`, or `origin` itself if the configuration has no `publicUrls`. `null`: no entry has that host and port, or
 * `origin` is empty. The schemes may differ, because TLS may end before the edge.
 */
export function findPublicUrl(origin: string, { publicUrls }: Pick<CoreConfig, 'publicUrls'>): string | null {
  if (origin === '') return null
  if (publicUrls.size === 0) return origin
  return publicUrls.get(origin.slice(origin.indexOf('://') + 3)) ?? null
}

/**
 * Refuses a request for a host that is not in `publicUrls` (`host_unknown`, 421; RFC 9110 section 15.5.20). `null`: the
 * host is accepted. Does not refuse a request whose platform gives no host (`origin` is `undefined`).
 */
export function checkHost(
  { origin }: Pick<AuthorizationRequest, 'origin'>,
  config: Pick<CoreConfig, 'publicUrls'>,
): Failure | null {
  if (origin === undefined || findPublicUrl(origin, config) !== null) return null
  return failure('host_unknown', { problem: origin === '' ? 'malformed' : 'not_listed' })
}
