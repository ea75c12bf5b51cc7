// Tokens of clients that authenticate to the local authorization server with a certificate (RFC 8705 section 2), by
// oauth4webapi and a client credentials grant. The server binds them to that certificate.

import * as oauth from 'oauth4webapi'
import type { AuthorizationServer } from '../authorization-server/index.ts'
import { deliver, type TlsClient } from './connection.ts'
import { discover, INSECURE, withNonce } from './tokens.ts'

export interface CertifiedRequest {
  readonly clientId: string
  readonly tls: TlsClient
  readonly scope: string
  /** The API that the token is for (RFC 8707). */
  readonly resource: string
  /** The key that the token is bound to besides. */
  readonly dpop?: oauth.DPoPHandle
}

type FetchOptions = oauth.CustomFetchOptions<string, URLSearchParams>

/** `fetch` for the library, with a certificate. */
const fetchWith =
  (tls: TlsClient) =>
  (url: string, { method, headers, body }: FetchOptions): Promise<Response> =>
    deliver({ method, url, fields: headers, body: body.toString() }, Number(new URL(url).port), tls)

/** Obtains access tokens at the endpoint of `mtls_endpoint_aliases`. */
export async function createCertifiedGrant({ issuer }: Pick<AuthorizationServer, 'issuer'>) {
  const metadata = await discover(issuer)
  return async ({ clientId, tls, scope, resource, dpop }: CertifiedRequest): Promise<string> => {
    const client: oauth.Client = { client_id: clientId, use_mtls_endpoint_aliases: true }
    const { result } = await withNonce(async () => {
      const response = await oauth.clientCredentialsGrantRequest(
        metadata,
        client,
        oauth.TlsClientAuth(),
        { scope, resource },
        { ...INSECURE, [oauth.customFetch]: fetchWith(tls), ...(dpop !== undefined && { DPoP: dpop }) },
      )
      return oauth.processClientCredentialsResponse(metadata, client, response)
    })
    return result.access_token
  }
}
