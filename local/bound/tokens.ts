// Tokens of the local authorization server, each from a login of its own, by oauth4webapi: an OAuth client that nobody
// here wrote. It makes the DPoP proofs and repeats a request when the server demands a nonce (RFC 9449 section 8). A
// client with a certificate authenticates with it, at the endpoint of `mtls_endpoint_aliases` (RFC 8705 sections 2 and
// 5).

import * as oauth from 'oauth4webapi'
import type { AuthorizationServer } from '../authorization-server/index.ts'
import type { CodeClient } from '../authorization-server/demo-clients.ts'
import { fetchAuthorizationResponse } from '../demo-tokens/code-flow.ts'
import { deliver, type TlsClient } from './connection.ts'

/** The authorization server speaks plain HTTP, on loopback. */
const INSECURE = { [oauth.allowInsecureRequests]: true }

export interface LoginRequest {
  /** With a secret, or with a certificate in `tls`. */
  readonly client: Pick<CodeClient, 'client_id' | 'redirect_uri'> & { readonly client_secret?: string }
  readonly scope: string
  /** The API that the token is for (RFC 8707). */
  readonly resource: string
  /** Binds the access token to this key. */
  readonly dpop?: oauth.DPoPHandle
  /** Authenticates the client. The server may bind the access token to this certificate. */
  readonly tls?: TlsClient
}

export interface Login {
  readonly accessToken: string
  readonly idToken: string
  readonly tokenType: string
  /** Seconds from the answer of the server on. */
  readonly expiresIn: number
  /** How often the server demanded a nonce. */
  readonly nonces: number
}

/** Runs the request, and once more where the server demands a nonce, which the handle has kept from its answer. */
async function withNonce<T>(run: () => Promise<T>): Promise<{ readonly result: T; readonly nonces: number }> {
  try {
    return { result: await run(), nonces: 0 }
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error
    return { result: await run(), nonces: 1 }
  }
}

type FetchOptions = oauth.CustomFetchOptions<string, unknown>

/** `fetch` for the library, with a certificate. */
const fetchWith =
  (tls: TlsClient) =>
  (url: string, { method, headers, body }: FetchOptions): Promise<Response> =>
    deliver({ method, url, fields: headers, body: String(body) }, Number(new URL(url).port), tls)

export async function discover(issuer: string): Promise<oauth.AuthorizationServer> {
  const address = new URL(issuer)
  return oauth.processDiscoveryResponse(address, await oauth.discoveryRequest(address, INSECURE))
}

/** Logs the demo's user in, by an authorization code grant. */
export async function createLogin({ issuer }: Pick<AuthorizationServer, 'issuer'>) {
  const metadata = await discover(issuer)
  return async ({ client: registered, scope, resource, dpop, tls }: LoginRequest): Promise<Login> => {
    const { client_id, client_secret, redirect_uri } = registered
    const client: oauth.Client = { client_id, use_mtls_endpoint_aliases: tls !== undefined }
    const [verifier, state, expectedNonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ]
    const location = new URL(metadata.authorization_endpoint!)
    location.search = new URLSearchParams({
      response_type: 'code',
      client_id,
      redirect_uri,
      scope,
      resource,
      state,
      nonce: expectedNonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }).toString()
    const answer = await fetchAuthorizationResponse(location, issuer, redirect_uri, new Map(), () => {})
    const parameters = oauth.validateAuthResponse(metadata, client, answer, state)
    const { result, nonces } = await withNonce(async () => {
      const response = await oauth.authorizationCodeGrantRequest(
        metadata,
        client,
        tls === undefined ? oauth.ClientSecretBasic(client_secret!) : oauth.TlsClientAuth(),
        parameters,
        redirect_uri,
        verifier,
        {
          ...INSECURE,
          additionalParameters: { resource },
          ...(dpop !== undefined && { DPoP: dpop }),
          ...(tls !== undefined && { [oauth.customFetch]: fetchWith(tls) }),
        },
      )
      return oauth.processAuthorizationCodeResponse(metadata, client, response, {
        expectedNonce,
        requireIdToken: true,
      })
    })
    const { access_token: accessToken, id_token: idToken, token_type: tokenType, expires_in } = result
    return { accessToken, idToken: idToken!, tokenType, expiresIn: expires_in!, nonces }
  }
}
