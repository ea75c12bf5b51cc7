// Which public origin of this API (`publicUrls`) a request is for. RFC 9110 sections 4.2.3, 7.4 and 15.5.20. Refuses
// hosts that are not listed; without `publicUrls` every valid host is accepted.

import type { ResolvedConfig } from '../config/config.ts'
import type { AuthorizationRequest } from '../decision.ts'
import { failure, type Failure } from '../failures/failure.ts'

/**
 * The entry of `publicUrls` for `origin`, as `URL.origin` writes it; `null` where none has its host and port. The
 * schemes may differ, because TLS may end before the edge. Without `publicUrls` it is `origin` itself.
 */
export function findPublicUrl(
  origin: string,
  { publicUrls }: Pick<ResolvedConfig, 'publicUrls'>,
): string | null {
  if (origin === '') return null
  if (publicUrls.size === 0) return origin
  return publicUrls.get(origin.slice(origin.indexOf('://') + 3)) ?? null
}

/** `null` also where the platform does not tell the requested host. */
export function checkHost(
  { origin }: Pick<AuthorizationRequest, 'origin'>,
  config: Pick<ResolvedConfig, 'publicUrls'>,
): Failure | null {
  if (origin === undefined || findPublicUrl(origin, config) !== null) return null
  return failure('host_unknown', { problem: origin === '' ? 'malformed' : 'not_listed' })
}
