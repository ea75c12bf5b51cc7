/**
 * The clients of the local authorization server (RFC 7591 metadata) and their credentials. Credentials are random for
 * each start and plain JSON, so that they can be sent to another process. ./resources.ts decides which client gets
 * which token.
 */
import { randomBytes } from 'node:crypto'
import type { JWK } from 'jose'
import { generateSigningKey } from './signing-keys.ts'

export type SecretClient = { client_id: string; client_secret: string }
export type CodeClient = SecretClient & { redirect_uri: string }
export type DpopClient = CodeClient & { proof_jwk: JWK }
export type KeyClient = { client_id: string; private_jwk: JWK }

export type DemoClients = {
  web: CodeClient
  service: SecretClient
  dpop: DpopClient
  /** Authenticates with private_key_jwt. The only client that may introspect tokens of other clients. */
  introspector: KeyClient
  /** Its client_id is the identifier of the API, and so is the `aud` of its ID tokens. */
  namedLikeApi: CodeClient
  /** Its access tokens live for one second. */
  shortLived: CodeClient
  /** The client of the hostile sample in ./disguised-id-token.ts. */
  disguise: CodeClient
}

/** The client_id of Lanekeeper itself. */
export const INTROSPECTOR_ID = 'orders-gateway'
export const REDIRECT_URI = 'https://app.orders.example/callback'
const PRIVATE_JWK_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'] as const

/** `introspectionKey`: private key of the introspector. Default: a new one. */
export async function generateDemoClients(audience: string, introspectionKey?: JWK): Promise<DemoClients> {
  return {
    web: createCodeClient('orders-web'),
    service: createSecretClient('orders-service'),
    dpop: { ...createCodeClient('orders-mobile'), proof_jwk: await generateSigningKey('ES256') },
    introspector: {
      client_id: INTROSPECTOR_ID,
      private_jwk: introspectionKey ?? (await generateSigningKey('ES256')),
    },
    namedLikeApi: createCodeClient(audience),
    shortLived: createCodeClient('orders-kiosk'),
    disguise: createCodeClient('hostile-disguise'),
  }
}

/** Every secret string of the registrations, without public JWK members. Tests search outputs for them. */
export function secretsOf(clients: DemoClients): string[] {
  return Object.values(clients).flatMap((client: Partial<DpopClient & KeyClient>) => [
    ...(client.client_secret ? [client.client_secret] : []),
    ...privateMembersOf(client.private_jwk),
    ...privateMembersOf(client.proof_jwk),
  ])
}

/** `logoutUri`: where the client `web` gets logout tokens. */
export function toClientMetadata(clients: DemoClients, logoutUri?: string): object[] {
  const { web, service, dpop, introspector, namedLikeApi, shortLived, disguise } = clients
  return [
    {
      ...toCodeClientMetadata(web),
      ...(logoutUri && { backchannel_logout_uri: logoutUri, backchannel_logout_session_required: true }),
    },
    ...[namedLikeApi, shortLived, disguise].map(toCodeClientMetadata),
    { ...toCodeClientMetadata(dpop), dpop_bound_access_tokens: true },
    { ...service, grant_types: ['client_credentials'], response_types: [], redirect_uris: [] },
    {
      client_id: introspector.client_id,
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: introspector.private_jwk.alg,
      jwks: { keys: [toPublicJwk(introspector.private_jwk)] },
      grant_types: [],
      response_types: [],
      redirect_uris: [],
    },
  ]
}

export function toPublicJwk(jwk: JWK): JWK {
  const secret: readonly string[] = PRIVATE_JWK_MEMBERS
  return Object.fromEntries(Object.entries(jwk).filter(([member]) => !secret.includes(member)))
}

function createSecretClient(client_id: string): SecretClient {
  return { client_id, client_secret: randomBytes(32).toString('base64url') }
}

function createCodeClient(client_id: string): CodeClient {
  return { ...createSecretClient(client_id), redirect_uri: REDIRECT_URI }
}

function toCodeClientMetadata({ client_id, client_secret, redirect_uri }: CodeClient) {
  return {
    client_id,
    client_secret,
    redirect_uris: [redirect_uri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }
}

/** The private members of a key. */
export function privateMembersOf(jwk: JWK | undefined): string[] {
  return PRIVATE_JWK_MEMBERS.map((member) => jwk?.[member]).filter((value) => typeof value === 'string')
}
