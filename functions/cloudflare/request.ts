// A request as Cloudflare hands it to a Worker: the identifier that it gives each one, and the facts for the authorizer.

import { NO_NEEDS, type AuthorizationRequest, type RequestNeeds } from '../../shared/index.ts'
import { readRequest, targetOf } from '../fetch/request.ts'

/** Cloudflare sets it over whatever a client sends under this name. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/

/** The Ray ID; `undefined` where there is none. */
export const readRequestId = (request: Request): string | undefined =>
  RAY.exec(request.headers.get('cf-ray') ?? '')?.[0]

/**
 * What the authorizer is asked about a request. Reads no body. `needs`: those of the authorizer, if it is at hand. Says
 * nothing of a client certificate, which the Fetch standard does not know.
 */
export const toAuthorizationRequest = (
  request: Request,
  needs: RequestNeeds = NO_NEEDS,
): AuthorizationRequest => readRequest(request, targetOf(request.url), needs, readRequestId(request))
