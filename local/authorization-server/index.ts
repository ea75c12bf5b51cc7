/**
 * The local authorization server: a real OpenID Provider (oidc-provider) held in memory, for the tour and the
 * tests. OAuth 2.0 with PKCE, resource indicators (RFC 8707), JWT access tokens (RFC 9068), introspection
 * (RFC 7662), revocation (RFC 7009) and DPoP (RFC 9449).
 * Refuses to listen anywhere but loopback: it speaks plain http and lets the demo user in unasked.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JSONWebKeySet, JWK } from 'jose'
import { Provider, type Client, type Context, type IssuedToken } from 'oidc-provider'
import { generateDemoClients, privateMembersOf, toClientMetadata, type DemoClients } from './demo-clients.ts'
import { createDisguise } from './disguised-id-token.ts'
import { createHeadlessLogin, INTERACTION_PATH, OIDC_SCOPES } from './headless-login.ts'
import { createMemoryStore } from './memory-store.ts'
import { ACCESS_TOKEN_SECONDS, createResources } from './resources.ts'
import { generateSigningKeys } from './signing-keys.ts'

export { secretsOf, type DemoClients } from './demo-clients.ts'
export { DEMO_USER } from './headless-login.ts'
export { opaqueResourceOf } from './resources.ts'
export { generateSigningKey, generateSigningKeys } from './signing-keys.ts'

export type AuthorizationServerOptions = {
  /** 0 picks a free port; a taken one rejects with EADDRINUSE. */
  port: number
  host?: '127.0.0.1' | 'localhost'
  /** Issuer identifier where a proxy stands in front, on loopback too. Default: the address it listens on. */
  issuer?: string
  /** Resource identifier of the demo API. */
  audience: string
  otherAudience: string
  /** Scopes that both APIs know, besides those of the demo. */
  scopes?: readonly string[]
  /** How long a login may take, and a code live. Default 60. */
  loginSeconds?: number
  /** Lets clients register themselves, public ones too (RFC 7591). For tests; default false. */
  registration?: boolean
  /** Private JWK Set and registrations of an earlier start, so that a restart keeps its tokens verifiable. */
  jwks?: JSONWebKeySet
  clients?: DemoClients
  /** Private key of the client that introspects, where the edges have been given it already. */
  introspectionKey?: JWK
}

export type AuthorizationServer = {
  issuer: string
  /** Where it listens. */
  address: string
  clients: DemoClients
  /** What the server signs and seals with: private key members and the cookie key, for a scan of outputs. */
  secrets: string[]
  close(): Promise<void>
}

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost']
const SESSION_SECONDS = 3600

export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { port, host = '127.0.0.1', audience } = options
  if (!LOOPBACK_HOSTS.includes(host)) throw new TypeError(`host must be loopback, not ${host}`)
  const jwks = options.jwks ?? (await generateSigningKeys())
  const clients = options.clients ?? (await generateDemoClients(audience, options.introspectionKey))

  const server = createServer()
  await once(server.listen(port, host), 'listening')
  const address = `http://${host}:${(server.address() as AddressInfo).port}`
  const issuer = options.issuer ?? address

  const cookieKey = randomBytes(32).toString('base64url')
  const secrets = [cookieKey, ...jwks.keys.flatMap(privateMembersOf)]
  const provider = new Provider(issuer, toProviderConfiguration(options, clients, jwks, cookieKey))
  provider.on('server_error', (_context, error) => console.error(`authorization server: ${error.message}`))
  const answer = provider.callback()
  const login = createHeadlessLogin(provider, ownScopesOf(options))
  server.on('request', (request, response) => {
    // A kept-alive connection would outlive a restart and fail the next POST of whoever pooled it.
    response.shouldKeepAlive = false
    const listener = request.url?.startsWith(`${INTERACTION_PATH}/`) ? login : answer
    listener(request, response)
  })
  return { issuer, address, clients, secrets, close: () => closeServer(server) }
}

/** Scopes that a client may register with: those of the APIs only where clients register themselves. */
const ownScopesOf = ({ registration = false, scopes = [] }: Partial<AuthorizationServerOptions>): string[] =>
  registration ? [...OIDC_SCOPES, ...scopes] : OIDC_SCOPES

function toProviderConfiguration(
  {
    audience,
    otherAudience,
    scopes = [],
    registration = false,
    loginSeconds = 60,
  }: AuthorizationServerOptions,
  clients: DemoClients,
  jwks: JSONWebKeySet,
  cookieKey: string,
): object {
  const accessTokenSeconds = (_context: Context, token: IssuedToken) =>
    token.resourceServer?.accessTokenTTL ?? ACCESS_TOKEN_SECONDS

  return {
    adapter: createMemoryStore(),
    clients: toClientMetadata(clients),
    jwks,
    cookies: { keys: [cookieKey] },
    scopes: ownScopesOf({ registration, scopes }),
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'private_key_jwt', ...(registration ? ['none'] : [])],
    pkce: { required: () => true },
    interactions: { url: (_context: Context, { uid }: { uid: string }) => `${INTERACTION_PATH}/${uid}` },
    findAccount: (_context: Context, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    issueRefreshToken: (_context: Context, client: Client) => client.grantTypeAllowed('refresh_token'),
    clientBasedCORS: () => false,
    renderError: (context: Context, error: object) => {
      context.type = 'json'
      context.body = error
    },
    formats: { customizers: { jwt: createDisguise(clients.disguise.client_id) } },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: (_context: Context, client: Client, token: IssuedToken) =>
          client.clientId === clients.introspector.client_id || client.clientId === token.clientId,
      },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: createResources(audience, otherAudience, clients, scopes),
      },
      revocation: {
        enabled: true,
        allowedPolicy: (_context: Context, client: Client, token: IssuedToken) =>
          client.clientId === token.clientId,
      },
      registration: { enabled: registration },
      rpInitiatedLogout: { enabled: false },
    },
    ttl: {
      AccessToken: accessTokenSeconds,
      ClientCredentials: accessTokenSeconds,
      AuthorizationCode: loginSeconds,
      IdToken: ACCESS_TOKEN_SECONDS,
      RefreshToken: SESSION_SECONDS,
      Interaction: loginSeconds,
      Session: SESSION_SECONDS,
      Grant: SESSION_SECONDS,
    },
  }
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
