/**
 * An authorization code grant without a browser: PKCE (RFC 7636), nonce (OpenID Connect Core), resource (RFC 8707), and
 * the cookies that a browser would store while the server redirects through its login page. Throws if a redirect leads
 * to another address than the server's or the client's, or if state, iss (RFC 9207) or nonce is not the expected one.
 */
import { createHash, randomBytes } from 'node:crypto'
import { decodeJwt } from 'jose'
import type { CodeClient } from '../authorization-server/demo-clients.ts'
import {
  fetchFromServer,
  fetchTokens,
  type GrantOptions,
  type ServerMetadata,
  type TokenResponse,
} from './token-endpoint.ts'

export type CodeFlowRequest = {
  metadata: ServerMetadata
  client: CodeClient
  scope: string
  resource: string
  /** Gets the cookies of the login by their names, for a logout. */
  cookies?: Map<string, string>
} & GrantOptions
export type CodeFlowResponse = TokenResponse & { id_token: string }

const MAX_REDIRECTS = 5

export async function runCodeFlow(request: CodeFlowRequest): Promise<CodeFlowResponse> {
  const { metadata, client, scope, resource, cookies = new Map(), proofJwk, onSecret = () => {} } = request
  const [state, nonce, verifier] = [randomText(), randomText(), randomText()]
  const location = new URL(metadata.authorization_endpoint)
  location.search = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: client.redirect_uri,
    scope,
    resource,
    state,
    nonce,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString()

  const answer = await fetchAuthorizationResponse(
    location,
    metadata.issuer,
    client.redirect_uri,
    cookies,
    onSecret,
  )
  if (answer.get('state') !== state)
    throw new Error('the authorization response has another state than the request')
  if (answer.get('iss') !== metadata.issuer)
    throw new Error('the authorization response has another iss than the metadata')
  const code = answer.get('code')
  if (!code) throw new Error(`${client.client_id} got no code: ${answer.get('error_description')}`)
  for (const secret of [code, verifier]) onSecret(secret)

  const parameters = {
    grant_type: 'authorization_code',
    code,
    code_verifier: verifier,
    redirect_uri: client.redirect_uri,
    resource,
  }
  const { id_token, ...tokens } = await fetchTokens(metadata, client, parameters, {
    onSecret,
    ...(proofJwk && { proofJwk }),
  })
  if (!id_token || decodeJwt(id_token)['nonce'] !== nonce) {
    throw new Error('the ID token is missing or has another nonce than the request')
  }
  return { ...tokens, id_token }
}

/** The parameters with which the server redirects to the client once the user has logged in. */
export async function fetchAuthorizationResponse(
  authorizationUrl: URL,
  issuer: string,
  redirectUri: string,
  cookies: Map<string, string>,
  onSecret: (secret: string) => void,
): Promise<URLSearchParams> {
  let location = authorizationUrl
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    if (location.origin + location.pathname === redirectUri) return location.searchParams
    if (location.origin !== new URL(issuer).origin) throw new Error(`redirected to ${location.origin}`)
    const response = await fetchFromServer(location, { headers: { cookie: toCookieField(cookies) } })
    const next = response.headers.get('location')
    if (!next) throw new Error(`the authorization request ended with status ${response.status}`)
    for (const [name, value] of response.headers.getSetCookie().map(parseCookie)) {
      cookies.set(name, value)
      onSecret(value)
    }
    location = new URL(next, location)
  }
  throw new Error('the authorization request was redirected too often')
}

export const toCookieField = (cookies: ReadonlyMap<string, string>): string =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')

function parseCookie(field: string): [string, string] {
  const pair = field.split(';', 1)[0] ?? ''
  const separator = pair.indexOf('=')
  return [pair.slice(0, separator), pair.slice(separator + 1)]
}

function randomText(): string {
  return randomBytes(32).toString('base64url')
}
