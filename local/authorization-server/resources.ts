/**
 * The APIs that the local authorization server issues tokens for (RFC 8707): the demo API and another API with RFC 9068
 * JWTs, and a third API with opaque tokens. Any other resource indicator is an `invalid_target` error.
 */
import { errors, type Client, type Context, type ResourceServer } from 'oidc-provider'
import type { DemoClients } from './demo-clients.ts'

const API_SCOPES = ['orders:read', 'orders:write', 'invoices:read', 'invoices:write']
export const ACCESS_TOKEN_SECONDS = 3600
const SHORT_LIFETIME_SECONDS = 1

export function opaqueResourceOf(audience: string): string {
  return `${audience}/opaque`
}

export function createResources(
  audience: string,
  otherAudience: string,
  clients: DemoClients,
  moreScopes: readonly string[],
) {
  const opaque = opaqueResourceOf(audience)
  const scope = [...new Set([...API_SCOPES, ...moreScopes])].join(' ')

  return function getResourceServerInfo(_context: Context, resource: string, client: Client): ResourceServer {
    if (![audience, otherAudience, opaque].includes(resource)) throw new errors.InvalidTarget()
    const isShortLived = client.clientId === clients.shortLived.client_id
    const common = {
      audience: resource,
      scope,
      accessTokenTTL: isShortLived ? SHORT_LIFETIME_SECONDS : ACCESS_TOKEN_SECONDS,
    }
    return resource === opaque
      ? { ...common, accessTokenFormat: 'opaque' }
      : { ...common, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }
  }
}
