/**
 * The local authorization server: a real OpenID Provider (oidc-provider) with its state in memory, for the tour and the
 * tests. OAuth 2.0 with PKCE, resource indicators (RFC 8707), JWT access tokens (RFC 9068), introspection (RFC 7662),
 * revocation (RFC 7009) and DPoP (RFC 9449). It listens on loopback only, because it speaks plain HTTP and logs the
 * demo user in without a password.
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
  /** 0 picks a free port. A port in use rejects with EADDRINUSE. */
  port: number
  host?: '127.0.0.1' | 'localhost'
  /** Issuer identifier, for a server behind a proxy on loopback. Default: the address of the server. */
  issuer?: string
  /** Resource identifier of the demo API. */
  audience: string
  otherAudience: string
  /** Scopes of both APIs besides those of the demo. */
  scopes?: readonly string[]
  /** Time limit of a login, and lifetime of an authorization code. Default 60. */
  loginSeconds?: number
  /** Whether clients, public ones included, may register themselves (RFC 7591). For tests. Default false. */
  registration?: boolean
  /**
   * Where the client `web` gets logout tokens (OpenID Connect Back-Channel Logout 1.0), on loopback. With it, users can
   * log out, and access tokens of that client have the session in `sid`. Default: neither.
   */
  backchannelLogoutUri?: string
  /** Whether the token endpoint demands a nonce in every DPoP proof (RFC 9449 section 8). Default false. */
  dpopNonces?: boolean
  /** Private JWK Set of an earlier start, so that its tokens stay valid after a restart. */
  jwks?: JSONWebKeySet
  /** Registrations of an earlier start. */
  clients?: DemoClients
  /** Private key of the client `introspector`, which the edges authenticate with. Default: a new one. */
  introspectionKey?: JWK
}

export type AuthorizationServer = {
  issuer: string
  /** The address that the server listens on. */
  address: string
  clients: DemoClients
  /** Private key members and the cookie key. Tests search outputs for them. */
  secrets: string[]
  close(): Promise<void>
}

const LOOPBACK_HOSTS = ['127.0.0.1', 'localhost']
const SESSION_SECONDS = 3600

export async function startAuthorizationServer(
  options: AuthorizationServerOptions,
): Promise<AuthorizationServer> {
  const { port, host = '127.0.0.1', audience, backchannelLogoutUri: logoutUri } = options
  if (!LOOPBACK_HOSTS.includes(host)) throw new TypeError(`host must be loopback, not ${host}`)
  if (logoutUri !== undefined && !LOOPBACK_HOSTS.includes(new URL(logoutUri).hostname))
    throw new TypeError('backchannelLogoutUri must be on loopback')
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
  const handleProtocol = provider.callback()
  const login = createHeadlessLogin(provider, clientScopesOf(options))
  server.on('request', (request, response) => {
    // A client would reuse a keep-alive connection after a restart of this server, and its next POST would fail.
    response.shouldKeepAlive = false
    const listener = request.url?.startsWith(`${INTERACTION_PATH}/`) ? login : handleProtocol
    listener(request, response)
  })
  return { issuer, address, clients, secrets, close: () => closeServer(server) }
}

/** The scopes that a client may register. Those of the APIs are included only if clients register themselves. */
const clientScopesOf = ({
  registration = false,
  scopes = [],
}: Partial<AuthorizationServerOptions>): string[] =>
  registration ? [...OIDC_SCOPES, ...scopes] : OIDC_SCOPES

function toProviderConfiguration(
  {
    audience,
    otherAudience,
    scopes = [],
    registration = false,
    loginSeconds = 60,
    backchannelLogoutUri,
    dpopNonces = false,
  }: AuthorizationServerOptions,
  clients: DemoClients,
  jwks: JSONWebKeySet,
  cookieKey: string,
): object {
  const accessTokenSeconds = (_context: Context, token: IssuedToken) =>
    token.resourceServer?.accessTokenTTL ?? ACCESS_TOKEN_SECONDS

  return {
    adapter: createMemoryStore(),
    clients: toClientMetadata(clients, backchannelLogoutUri),
    jwks,
    cookies: { keys: [cookieKey] },
    scopes: clientScopesOf({ registration, scopes }),
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
      dPoP: {
        enabled: true,
        ...(dpopNonces && { nonceSecret: randomBytes(32), requireNonce: () => true }),
      },
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
      ...logoutFeatures(backchannelLogoutUri !== undefined),
    },
    ...(backchannelLogoutUri === undefined ? {} : { fetch: fetchFromLoopback, extraTokenClaims: sessionOf }),
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

/** The library refuses special-use addresses, which loopback is, by this member. */
const fetchFromLoopback = (url: string, { dispatcher: _, ...init }: RequestInit & { dispatcher?: unknown }) =>
  fetch(url, init)

const sessionOf = ({ oidc }: Context) => ({ sid: oidc.entities.AuthorizationCode?.sid })

/** The page of a logout is its form alone. */
const logoutFeatures = (enabled: boolean) => ({
  backchannelLogout: { enabled },
  rpInitiatedLogout: {
    enabled,
    logoutSource: (context: Context, form: string) => void (context.body = form),
    postLogoutSuccessSource: (context: Context) => void (context.body = ''),
  },
})

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
