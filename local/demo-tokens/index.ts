/**
 * Obtains the tokens of the tour from a running authorization server through its published endpoints. Most differ from
 * `read` in one thing only. `forgeTokens` makes those that no server would issue. The result is returned only after the
 * token `expired` has expired.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DemoClients } from '../authorization-server/demo-clients.ts'
import { opaqueResourceOf } from '../authorization-server/resources.ts'
import { runCodeFlow } from './code-flow.ts'
import { fetchMetadata, fetchTokens, type TokenResponse } from './token-endpoint.ts'

export { revokeToken } from './token-endpoint.ts'

export { forgeTokens, type ForgedTokens } from './forged-tokens.ts'

export type DemoTokens = {
  read: string
  write: string
  /** Of the same user, with every scope of `scopes`. */
  all: string
  service: string
  idToken: string
  idTokenForApi: string
  expired: string
  otherAudience: string
  otherIssuer: string
  dpopBound: string
  opaque: string
  opaqueService: string
  opaqueExpired: string
  /** A token for `revokeToken`. Active until then. */
  opaqueRevoked: string
  /** A refresh token. Introspection says that it is active. */
  refresh: string
  disguisedIdToken: string
}

export type DemoTokenOptions = {
  issuer: string
  otherIssuer: string
  audience: string
  otherAudience: string
  clients: DemoClients
  /** Registrations at `otherIssuer`. Default: `clients`. */
  otherClients?: DemoClients
  /** Scopes that the token `all` gets if the servers know them. */
  scopes?: readonly string[]
  /** Least time since the `exp` of `expired`, in seconds. More than the verifier's clock tolerance. Default 2. */
  expiredBySeconds?: number
  /** Receives every secret of the grants that is not a token of the result. */
  onSecret?: (secret: string) => void
}

const READ = 'orders:read invoices:read'
const WRITE = 'orders:read orders:write invoices:read invoices:write'

export async function obtainDemoTokens(options: DemoTokenOptions): Promise<DemoTokens> {
  const {
    audience,
    otherAudience,
    clients,
    otherClients = clients,
    expiredBySeconds = 2,
    onSecret = () => {},
  } = options
  const [metadata, otherMetadata] = await Promise.all([
    fetchMetadata(options.issuer),
    fetchMetadata(options.otherIssuer),
  ])
  const request = { metadata, client: clients.web, scope: `openid ${READ}`, resource: audience, onSecret }

  const resource = opaqueResourceOf(audience)
  const clientCredentials = { grant_type: 'client_credentials', scope: READ }
  const [
    expired,
    opaqueExpired,
    read,
    write,
    all,
    service,
    api,
    otherApi,
    otherIssuer,
    dpop,
    opaque,
    opaqueService,
    opaqueRevoked,
    disguise,
  ] = await Promise.all([
    withExpiry(runCodeFlow({ ...request, client: clients.shortLived })),
    withExpiry(runCodeFlow({ ...request, client: clients.shortLived, resource })),
    runCodeFlow(request),
    runCodeFlow({ ...request, scope: `openid ${WRITE}` }),
    runCodeFlow({ ...request, scope: ['openid', ...(options.scopes ?? [])].join(' ') }),
    fetchTokens(metadata, clients.service, { ...clientCredentials, resource: audience }),
    runCodeFlow({ ...request, client: clients.namedLikeApi }),
    runCodeFlow({ ...request, resource: otherAudience }),
    runCodeFlow({ ...request, metadata: otherMetadata, client: otherClients.web }),
    runCodeFlow({ ...request, client: clients.dpop, proofJwk: clients.dpop.proof_jwk }),
    runCodeFlow({ ...request, resource }),
    fetchTokens(metadata, clients.service, { ...clientCredentials, resource }),
    runCodeFlow({ ...request, resource }),
    runCodeFlow({ ...request, client: clients.disguise }),
  ])

  await sleepUntil(Math.max(expired.expiresAtMs, opaqueExpired.expiresAtMs) + expiredBySeconds * 1000)
  return {
    read: read.access_token,
    write: write.access_token,
    all: all.access_token,
    service: service.access_token,
    idToken: read.id_token,
    idTokenForApi: api.id_token,
    expired: expired.access_token,
    otherAudience: otherApi.access_token,
    otherIssuer: otherIssuer.access_token,
    dpopBound: dpop.access_token,
    opaque: opaque.access_token,
    opaqueService: opaqueService.access_token,
    opaqueExpired: opaqueExpired.access_token,
    opaqueRevoked: opaqueRevoked.access_token,
    refresh: refreshTokenOf(opaque),
    disguisedIdToken: disguise.access_token,
  }
}

function refreshTokenOf({ refresh_token }: TokenResponse): string {
  if (refresh_token === undefined) throw new Error('the code flow returned no refresh token')
  return refresh_token
}

/**
 * A token response with the latest time at which its token expires, in milliseconds since the epoch. The lifetime
 * counts from the receipt of the response, which is after the issue.
 */
async function withExpiry(
  pending: Promise<TokenResponse>,
): Promise<TokenResponse & { readonly expiresAtMs: number }> {
  const response = await pending
  if (response.expires_in === undefined) throw new Error('the short-lived token has no expires_in')
  return { ...response, expiresAtMs: Date.now() + response.expires_in * 1000 }
}

const sleepUntil = (atMs: number): Promise<void> => sleep(Math.max(0, atMs + 50 - Date.now()))
