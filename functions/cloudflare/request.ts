// A request as Cloudflare hands it to a Worker: the identifier that it gives each one, and the facts for the authorizer.

import { NO_NEEDS, type AuthorizationRequest, type RequestNeeds } from '../../shared/index.ts'
import { readRequest, targetOf, type PlatformFacts } from '../fetch/request.ts'
import { readClientCertificate } from './client-certificate.ts'

/** Cloudflare sets it over whatever a client sends under this name. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/

/** The Ray ID, and what `cf` says of a client certificate. */
export const CLOUDFLARE_FACTS: PlatformFacts = {
  readRequestId: (request) => RAY.exec(request.headers.get('cf-ray') ?? '')?.[0],
  readClientCertificate,
}

/**
 * What the authorizer is asked about a request. Reads no body. `needs`: those of the authorizer, if it is at hand.
 */
export const toAuthorizationRequest = (
  request: Request,
  needs: RequestNeeds = NO_NEEDS,
): AuthorizationRequest => readRequest(request, targetOf(request.url), needs, CLOUDFLARE_FACTS)
