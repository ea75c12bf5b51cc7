// What the metadata of a resource says of bound tokens: the algorithms of DPoP proofs, whether every token has to be
// bound to a DPoP key, and whether tokens may be bound to a client certificate. RFC 9728 section 2. Made from the
// configuration alone.

import type { CoreConfig, ResolvedResource } from '../config/config.ts'
import { acceptedOn, WITH_DPOP, WITH_MTLS } from './demand.ts'

/**
 * The members to add to the metadata of a resource; none where no rule of it takes bound tokens. Bearer tokens that no
 * rule takes have no methods: RFC 9728 section 2 has the empty list for that.
 */
export function describeSenders(
  resource: ResolvedResource,
  config: CoreConfig,
): Readonly<Record<string, unknown>> {
  const accepted = config.routes
    .filter(({ resources, demand }) => demand !== null && resources.includes(resource))
    .map((route) => acceptedOn(route, config))
  const isTaken = (tokens: number) => accepted.some((set) => (set & tokens) !== 0)
  // A token that is bound to a certificate alone comes with the scheme Bearer.
  const isDpopAlone = accepted.every((set) => (set & ~WITH_DPOP) === 0)
  return {
    ...(config.dpop && isTaken(WITH_DPOP)
      ? {
          dpop_signing_alg_values_supported: [...config.dpop.algorithms],
          ...(isDpopAlone ? { dpop_bound_access_tokens_required: true, bearer_methods_supported: [] } : {}),
        }
      : {}),
    ...(isTaken(WITH_MTLS) ? { tls_client_certificate_bound_access_tokens: true } : {}),
  }
}
