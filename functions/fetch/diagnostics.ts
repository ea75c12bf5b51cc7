// Shows the operator which configuration answered: a response field, for a request that has the secret of
// `diagnostics`. RFC 9111 section 5.2.2.5 (no-store), RFC 9213. Decides nothing, and keeps the field from everyone
// else: an origin cannot write it, no cache stores it, and no script of another origin reads it.

import type { GivenPorts, ResolvedConfig, Stamp, WaitUntil } from '../../shared/edge.ts'
import { createSecretCheck } from '../../shared/parts/diagnostics.ts'
import { keepFromCaches } from './shared-caches.ts'

/** Always this name: `identity.headerPrefix` is about requests to the origin, where a claim may be called `plan`. */
const FIELD = 'x-lanekeeper-plan'

type Handle = (request: Request, waitUntil?: WaitUntil) => Promise<Response>

/**
 * Adds the field to the responses of `handle`. `stamp`: what it says. A request without the header is not delayed; one
 * with it is decided while the secret is loaded.
 */
export type CreateDiagnostics = (
  handle: Handle,
  config: NonNullable<ResolvedConfig['diagnostics']>,
  ports: GivenPorts,
  stamp: Stamp,
) => Handle

function show(headers: Headers, value: string): void {
  keepFromCaches(headers)
  // The origin may have listed all fields.
  headers.delete('access-control-expose-headers')
  headers.set(FIELD, value)
}

/** Fills the slot for `diagnostics`. */
export const createDiagnostics: CreateDiagnostics = (handle, { header, secret }, ports, stamp) => {
  const isSecret = createSecretCheck('diagnostics.secret', secret, 'fingerprint_key', ports)
  const value = `${stamp.plan} ${stamp.version}`

  return async (request, waitUntil) => {
    const given = request.headers.get(header)
    const [response, isShown] = await Promise.all([
      handle(request, waitUntil),
      given !== null && isSecret(given, waitUntil),
    ])
    // A Response with the status 101 cannot be made on every runtime.
    if (response.status === 101 || (!isShown && !response.headers.has(FIELD))) return response
    const changed = new Response(response.body, response)
    if (isShown) show(changed.headers, value)
    else changed.headers.delete(FIELD)
    return changed
  }
}
