/**
 * The user's part of an authorization request: logs the demo user in and consents to the requested scopes, as a user
 * would on the interaction page. Safe only because the server listens on loopback. A request without an interaction
 * cookie of this server gets 400.
 */
import type { RequestListener } from 'node:http'
import type { Provider } from 'oidc-provider'

export const DEMO_USER = 'alice'
export const INTERACTION_PATH = '/interaction'
export const OIDC_SCOPES = ['openid', 'offline_access']

export function createHeadlessLogin(
  provider: Provider,
  oidcScopes: readonly string[] = OIDC_SCOPES,
): RequestListener {
  return async (request, response) => {
    try {
      const { params } = await provider.interactionDetails(request, response)
      const grant = new provider.Grant({ accountId: DEMO_USER, clientId: params.client_id })
      const scopes = params.scope?.split(' ') ?? []
      grant.addOIDCScope(scopes.filter((scope) => oidcScopes.includes(scope)).join(' '))
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
