/**
 * Owns the user's part of an authorization request: logs the demo user in and consents to what was asked,
 * as the server's interaction page would after a click. Safe only because the server is bound to loopback.
 * Refuses a request that carries no interaction cookie of this server.
 */
import type { RequestListener } from 'node:http'
import type { Provider } from 'oidc-provider'

export const DEMO_USER = 'alice'
export const INTERACTION_PATH = '/interaction'
export const OIDC_SCOPES = ['openid', 'offline_access']

export function createHeadlessLogin(
  provider: Provider,
  ownScopes: readonly string[] = OIDC_SCOPES,
): RequestListener {
  return async (request, response) => {
    try {
      const { params } = await provider.interactionDetails(request, response)
      const grant = new provider.Grant({ accountId: DEMO_USER, clientId: params.client_id })
      const scopes = params.scope?.split(' ') ?? []
      grant.addOIDCScope(scopes.filter((scope) => ownScopes.includes(scope)).join(' '))
      for (const resource of [params.resource ?? []].flat()) {
        grant.addResourceScope(resource, scopes.join(' '))
      }
      const result = { login: { accountId: DEMO_USER }, consent: { grantId: await grant.save() } }
      await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
    } catch {
      response.writeHead(400).end()
    }
  }
}
