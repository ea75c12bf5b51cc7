// Makes an AuthorizationRequest from a request on Cloudflare, with the Ray ID and the client certificate.

import type { AuthorizationRequest, RequestNeeds } from '../../shared/edge.ts'
import { readRequest, targetOf, type PlatformFacts } from '../fetch/request.ts'
import { readClientCertificate } from './client-certificate.ts'

/** `CF-Ray`: Cloudflare overwrites a field of this name that a client sends. */
const RAY = /^[0-9a-f]{16}(?:-[A-Z]{3})?$/

/** The Ray ID, and the client certificate in `request.cf`. */
export const CLOUDFLARE_FACTS: PlatformFacts = {
  readRequestId: (request) => RAY.exec(request.headers.get('cf-ray') ?? '')?.[0],
  readClientCertificate,
}

/** What any authorizer may read. A caller over a service binding does not know the needs of the authorizer. */
const RPC_NEEDS: RequestNeeds = { fields: ['dpop'], clientCertificate: true }

/**
 * The argument of `Authorizer.authorize` for a request. Reads no body. `needs`: those of the authorizer, if they are
 * known. Default: the DPoP field (RFC 9449 section 4.1) and the client certificate in `request.cf`, which an authorizer
 * that does not need them ignores. With `mtls.header` name both of its fields as well, in lower case.
 */
export const toAuthorizationRequest = (
  request: Request,
  needs: RequestNeeds = RPC_NEEDS,
): AuthorizationRequest => readRequest(request, targetOf(request.url), needs, CLOUDFLARE_FACTS)
