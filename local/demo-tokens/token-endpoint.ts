/**
 * The client's side of discovery (RFC 8414) and of the token endpoint (RFC 6749 s.3.2), with client_secret_basic and,
 * if a key is given, a DPoP proof (RFC 9449 s.4). Throws for metadata of another issuer and for an error response.
 */
import { randomUUID } from 'node:crypto'
import { importJWK, SignJWT, type JWK } from 'jose'
import { toPublicJwk, type SecretClient } from '../authorization-server/demo-clients.ts'

export type ServerMetadata = {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
  revocation_endpoint: string
  /** Of a server at which users can log out. */
  end_session_endpoint?: string
}
export type TokenResponse = {
  access_token: string
  /** Seconds. */
  expires_in?: number
  token_type: string
  scope?: string
  id_token?: string
  refresh_token?: string
}

export type GrantOptions = {
  /** Makes the tokens DPoP-bound. */
  proofJwk?: JWK
  /** Receives the secrets of the grant: codes, verifiers, cookies, proofs, refresh tokens. */
  onSecret?: (secret: string) => void
}

const FETCH_TIMEOUT_MS = 5000

export function fetchFromServer(url: string | URL, init: RequestInit = {}): Promise<Response> {
  return fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
}

export async function fetchMetadata(issuer: string): Promise<ServerMetadata> {
  const response = await fetchFromServer(`${issuer}/.well-known/openid-configuration`)
  const metadata = (await response.json()) as ServerMetadata
  if (metadata.issuer !== issuer) throw new Error(`${issuer} publishes the metadata of another issuer`)
  return metadata
}

export async function fetchTokens(
  metadata: ServerMetadata,
  client: SecretClient,
  parameters: Record<string, string>,
  { proofJwk, onSecret = () => {} }: GrantOptions = {},
): Promise<TokenResponse> {
  const headers = new Headers({ authorization: toBasicCredentials(client) })
  if (proofJwk) {
    const proof = await createProof(proofJwk, 'POST', metadata.token_endpoint)
    onSecret(proof)
    headers.set('dpop', proof)
  }
  const body = new URLSearchParams(parameters)
  const response = await fetchFromServer(metadata.token_endpoint, { method: 'POST', headers, body })
  const answer = (await response.json()) as TokenResponse & { error?: string; error_description?: string }
  if (!response.ok) {
    throw new Error(`${client.client_id} got no token: ${answer.error} (${answer.error_description})`)
  }
  if (answer.refresh_token) onSecret(answer.refresh_token)
  return answer
}

/** Revokes a token of the client (RFC 7009). */
export async function revokeToken(issuer: string, client: SecretClient, token: string): Promise<void> {
  const { revocation_endpoint } = await fetchMetadata(issuer)
  const headers = { authorization: toBasicCredentials(client) }
  const body = new URLSearchParams({ token })
  const response = await fetchFromServer(revocation_endpoint, { method: 'POST', headers, body })
  if (response.status !== 200) throw new Error(`revoking a token was answered with ${response.status}`)
}

async function createProof(proofJwk: JWK, htm: string, htu: string): Promise<string> {
  return new SignJWT({ htm, htu, jti: randomUUID() })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: toPublicJwk(proofJwk) })
    .setIssuedAt()
    .sign(await importJWK(proofJwk, 'ES256'))
}

function toBasicCredentials({ client_id, client_secret }: SecretClient): string {
  const pair = [client_id, client_secret].map(encodeURIComponent).join(':')
  return `Basic ${Buffer.from(pair).toString('base64')}`
}
