// What the metadata of a resource says of DPoP: the algorithms of proofs, and whether every token has to be bound.
// RFC 9728 section 2. Made from the configuration alone.

import type { CoreConfig, ResolvedResource } from '../../config/config.ts'
import { acceptedOn, DPOP } from '../demand.ts'

/**
 * The members to add to the metadata of a resource; none where no rule of it takes bound tokens. Bearer tokens that no
 * rule takes have no methods: RFC 9728 section 2 has the empty list for that.
 */
export function describeDpop(
  resource: ResolvedResource,
  config: CoreConfig,
): Readonly<Record<string, unknown>> {
  const accepted = config.routes
    .filter(({ resources, demand }) => demand !== null && resources.includes(resource))
    .map((route) => acceptedOn(route, config))
  if (!config.dpop || !accepted.some((set) => (set & DPOP) !== 0)) return {}
  const isRequired = accepted.every((set) => set === DPOP)
  return {
    dpop_signing_alg_values_supported: [...config.dpop.algorithms],
    ...(isRequired ? { dpop_bound_access_tokens_required: true, bearer_methods_supported: [] } : {}),
  }
}
