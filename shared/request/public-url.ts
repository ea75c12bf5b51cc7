// The public origins of this API (`publicUrls`): which of them a request is for. RFC 9110 sections 4.2.3, 7.4 and 15.5.20.
// Where none is configured, every host is ours, as long as it is one.

import type { ResolvedConfig } from '../config/config.ts'
import type { AuthorizationRequest } from '../decision.ts'
import { failure, type Failure } from '../failures/failure.ts'

/**
 * The public origin that a request for `origin` is for, written as `URL.origin` writes it; `null` where it is none of ours.
 * Hosts and ports compare; the scheme is that of the entry, because TLS may end before the edge.
 */
export function findPublicUrl(
  origin: string,
  { publicUrls }: Pick<ResolvedConfig, 'publicUrls'>,
): string | null {
  if (origin === '') return null
  if (publicUrls.size === 0) return origin
  return publicUrls.get(origin.slice(origin.indexOf('://') + 3)) ?? null
}

/** Says nothing where the platform does not tell which host was asked. */
export function checkHost(
  { origin }: Pick<AuthorizationRequest, 'origin'>,
  config: Pick<ResolvedConfig, 'publicUrls'>,
): Failure | null {
  if (origin === undefined || findPublicUrl(origin, config) !== null) return null
  return failure('host_unknown', { problem: origin === '' ? 'malformed' : 'not_listed' })
}
