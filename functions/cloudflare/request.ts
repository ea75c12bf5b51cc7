// Makes an AuthorizationRequest from a request on Cloudflare, with the Ray ID and the client certificate.

import { NO_NEEDS, type AuthorizationRequest, type RequestNeeds } from '../../shared/edge.ts'
import { readRequest, targetOf, type PlatformFacts } from '../fetch/request.ts'
import { readClientCertificate } from './client-certificate.ts'

/** `CF-Ray`: Cloudflare overwrites a field of this name that a client sends. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/

/** The Ray ID, and the client certificate in `request.cf`. */
export const CLOUDFLARE_FACTS: PlatformFacts = {
  readRequestId: (request) => RAY.exec(request.headers.get('cf-ray') ?? '')?.[0],
  readClientCertificate,
}

/** The argument of `Authorizer.authorize` for a request. Reads no body. `needs`: those of the authorizer, if known. */
export const toAuthorizationRequest = (
  request: Request,
  needs: RequestNeeds = NO_NEEDS,
): AuthorizationRequest => readRequest(request, targetOf(request.url), needs, CLOUDFLARE_FACTS)
