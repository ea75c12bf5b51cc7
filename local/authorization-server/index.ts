/**
 * The local authorization server: a real OpenID Provider (oidc-provider) with its state in memory, for the tour and the
 * tests. OAuth 2.0 with PKCE, resource indicators (RFC 8707), JWT access tokens (RFC 9068), introspection (RFC 7662),
 * revocation (RFC 7009), DPoP (RFC 9449) and, if asked for, mutual TLS (RFC 8705). It listens on loopback only, because
 * it speaks plain HTTP and logs the demo user in without a password.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { JSONWebKeySet, JWK } from 'jose'
import { Provider, type Client, type Context, type IssuedToken } from 'oidc-provider'
import { generateDemoClients, privateMembersOf, toClientMetadata, type DemoClients } from './demo-clients.ts'
import { createDisguise } from './disguised-id-token.ts'
import { createHeadlessLogin, INTERACTION_PATH, OIDC_SCOPES } from './headless-login.ts'
import { createMemoryStore } from './memory-store.ts'
import {
  bindTwice,
  certifiedClientMetadata,
  mutualTlsSettings,
  startTlsListener,
  type MutualTlsOptions,
} from './mutual-tls.ts'
import { ACCESS_TOKEN_SECONDS, createResources } from './resources.ts'
import { generateSigningKeys } from './signing-keys.ts'

export { secretsOf, type DemoClients } from './demo-clients.ts'
export { DEMO_USER } from './headless-login.ts'
export { CERTIFIED_CLIENTS, type MutualTlsOptions } from './mutual-tls.ts'
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
  /** A second listener, for clients that authenticate with a certificate. Default: there is none. */
  mutualTls?: MutualTlsOptions
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
  const address = `http://${host}:${portOf(server)}`
  const issuer = options.issuer ?? address
  const tlsListener = options.mutualTls && (await startTlsListener(options.mutualTls, host))

  const cookieKey = randomBytes(32).toString('base64url')
  const secrets = [cookieKey, ...jwks.keys.flatMap(privateMembersOf)]
  const mutualTls = tlsListener && mutualTlsSettings(`https://${host}:${portOf(tlsListener)}`)
  const provider = new Provider(
    issuer,
    toProviderConfiguration(options, { clients, jwks, cookieKey, mutualTls }),
  )
  provider.on('server_error', (_context, error) => console.error(`authorization server: ${error.message}`))
  const handleProtocol = provider.callback()
  const login = createHeadlessLogin(provider, clientScopesOf(options))
  const servers = [server, ...(tlsListener ? [tlsListener] : [])]
  for (const one of servers)
    one.on('request', (request, response) => {
      // A client would reuse a keep-alive connection after a restart of this server, and its next POST would fail.
      response.shouldKeepAlive = false
      const listener = request.url?.startsWith(`${INTERACTION_PATH}/`) ? login : handleProtocol
      listener(request, response)
    })
  const close = async () => void (await Promise.all(servers.map(closeServer)))
  return { issuer, address, clients, secrets, close }
}

const portOf = (server: Server | TlsServer): number => (server.address() as AddressInfo).port

/** The scopes that a client may register. Those of the APIs are included only if clients register themselves. */
const clientScopesOf = ({
  registration = false,
  scopes = [],
}: Partial<AuthorizationServerOptions>): string[] =>
  registration ? [...OIDC_SCOPES, ...scopes] : OIDC_SCOPES

/** What a start has made or was given. */
interface ProviderState {
  readonly clients: DemoClients
  readonly jwks: JSONWebKeySet
  readonly cookieKey: string
  /** `undefined`: there is no TLS listener. */
  readonly mutualTls: ReturnType<typeof mutualTlsSettings> | undefined
}

function toProviderConfiguration(
  {
    audience,
    otherAudience,
    scopes = [],
    registration = false,
    loginSeconds = 60,
    backchannelLogoutUri,
    dpopNonces = false,
    mutualTls: withCertificates,
  }: AuthorizationServerOptions,
  { clients, jwks, cookieKey, mutualTls }: ProviderState,
): object {
  const accessTokenSeconds = (_context: Context, token: IssuedToken) =>
    token.resourceServer?.accessTokenTTL ?? ACCESS_TOKEN_SECONDS
  const disguise = createDisguise(clients.disguise.client_id)
  const customize = (...about: Parameters<typeof disguise>) => {
    disguise(...about)
    if (mutualTls) bindTwice(...about)
  }

  return {
    adapter: createMemoryStore(),
    clients: [
      ...toClientMetadata(clients, backchannelLogoutUri),
      ...(withCertificates ? certifiedClientMetadata(withCertificates) : []),
    ],
    jwks,
    cookies: { keys: [cookieKey] },
    scopes: clientScopesOf({ registration, scopes }),
    responseTypes: ['code'],
    clientAuthMethods: [
      'client_secret_basic',
      'private_key_jwt',
      ...(registration ? ['none'] : []),
      ...(mutualTls?.authMethods ?? []),
    ],
    ...(mutualTls && { discovery: mutualTls.discovery }),
    pkce: { required: () => true },
    interactions: { url: (_context: Context, { uid }: { uid: string }) => `${INTERACTION_PATH}/${uid}` },
    findAccount: (_context: Context, sub: string) => ({ accountId: sub, claims: () => ({ sub }) }),
    issueRefreshToken: (_context: Context, client: Client) => client.grantTypeAllowed('refresh_token'),
    clientBasedCORS: () => false,
    renderError: (context: Context, error: object) => {
      context.type = 'json'
      context.body = error
    },
    formats: { customizers: { jwt: customize } },
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
      ...(mutualTls && { mTLS: mutualTls.feature }),
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

async function closeServer(server: Server | TlsServer): Promise<void> {
  if (!server.listening) return
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}
