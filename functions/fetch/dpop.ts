// What the responses of a Fetch edge have besides where tokens may be bound to DPoP keys: the nonce for the next proof.
// RFC 9449 section 8.2.

import type { Allow } from '../../shared/edge.ts'
import type { FetchConfig } from './send-on.ts'
import { keepFromCaches } from './shared-caches.ts'

const NONCE = 'dpop-nonce'

/**
 * A response with the nonce of this edge, if it has one for the client. For an identified caller the nonce of the
 * origin is removed, because a proof with it would be refused here. `allowed`: `undefined` for a refusal, which has its
 * nonce.
 */
export function finishDpop(
  response: Response,
  allowed: Allow | undefined,
  { dpop, cors }: Pick<FetchConfig, 'dpop' | 'cors'>,
): Response {
  // A Response with the status 101 cannot be made on every runtime.
  if (!dpop?.nonce || response.status === 101) return response
  const given = response.headers.get(NONCE)
  const nonce = allowed === undefined ? given : (allowed.dpopNonce ?? null)
  const isOfOrigin = allowed !== undefined && given !== null
  if (nonce === null && (!isOfOrigin || allowed.grant === null)) return response
  const finished = new Response(response.body, response)
  const { headers } = finished
  headers.delete(NONCE)
  if (nonce === null) return finished
  headers.set(NONCE, nonce)
  // It is for one client and a short time. RFC 9449 section 8.2.
  keepFromCaches(headers)
  if (cors) headers.append('access-control-expose-headers', 'DPoP-Nonce')
  return finished
}

/** Fills the slot for `dpop`. */
export const DPOP_PART = { finish: finishDpop }

export type DpopPart = typeof DPOP_PART
