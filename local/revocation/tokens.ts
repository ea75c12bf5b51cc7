// Tokens of the local authorization server, each from a login or a grant of its own.

import { decodeJwt } from 'jose'
import { runCodeFlow } from '../demo-tokens/code-flow.ts'
import { logOut } from '../demo-tokens/log-out.ts'
import { fetchMetadata, fetchTokens } from '../demo-tokens/token-endpoint.ts'
import { AUDIENCE, type Services } from './services.ts'

const SCOPE = 'orders:read'

export interface Login {
  readonly token: string
  readonly jti: string
  /** Ends the session at the authorization server, which sends a logout token. */
  logOut(): Promise<void>
}

export interface Tokens {
  /** A login of the demo's user. */
  logIn(): Promise<Login>
  /** A token of the client `service`. */
  ofService(): Promise<string>
}

export async function openTokens({ issuer, clients }: Services['server']): Promise<Tokens> {
  const metadata = await fetchMetadata(issuer)
  return {
    async logIn() {
      const cookies = new Map<string, string>()
      const scope = `openid ${SCOPE}`
      const request = { metadata, client: clients.web, scope, resource: AUDIENCE, cookies }
      const { access_token: token, id_token: idToken } = await runCodeFlow(request)
      return { token, jti: decodeJwt(token).jti!, logOut: () => logOut(metadata, cookies, idToken) }
    },
    async ofService() {
      const parameters = { grant_type: 'client_credentials', scope: SCOPE, resource: AUDIENCE }
      return (await fetchTokens(metadata, clients.service, parameters)).access_token
    },
  }
}
