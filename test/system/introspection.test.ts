// Introspection by a real authorization server (oidc-provider) with private_key_jwt: its answers about its opaque
// tokens, tokens that it calls active and that are not access tokens, and its answers to faulty requests.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  generateSigningKey,
  opaqueResourceOf,
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../local/authorization-server/index.ts'
import { obtainDemoTokens, revokeToken, type DemoTokens } from '../../local/demo-tokens/index.ts'
import { createAuthorizer, type IntrospectionConfig, type LanekeeperConfig } from '../../shared/index.ts'

const audience = 'https://api.orders.example'
const otherAudience = 'https://api.other.example'

let server: AuthorizationServer
let tokens: DemoTokens

beforeAll(async () => {
  server = await startAuthorizationServer({ port: 0, audience, otherAudience })
  tokens = await obtainDemoTokens({
    issuer: server.issuer,
    otherIssuer: server.issuer,
    audience,
    otherAudience,
    clients: server.clients,
    expiredBySeconds: 0,
  })
})

afterAll(() => server.close())

type Change = Partial<IntrospectionConfig>

function open(change: Change = {}, { key, keyed = true }: { key?: object; keyed?: boolean } = {}) {
  const { introspector } = server.clients
  const introspection = {
    discovery: 'openid-configuration',
    authentication: 'private_key_jwt',
    clientId: introspector.client_id,
    secret: { env: 'KEY' },
    withoutSub: 'client',
    cacheSeconds: 0,
    ...change,
  } as IntrospectionConfig
  const keys = { profile: 'rfc9068', keys: { discovery: 'openid-configuration' } } as const
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: server.issuer,
        audience: [audience, opaqueResourceOf(audience)],
        introspection,
        ...(keyed ? keys : {}),
      } as LanekeeperConfig['issuers'][string],
    },
    routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  }
  const env = { KEY: JSON.stringify(key ?? introspector.private_jwk) }
  const ports = { fetch, now: Date.now, report: () => {}, secrets: async () => env.KEY }
  const authorizer = createAuthorizer(config, ports, { env })
  return (token: string) =>
    authorizer.authorize({
      method: 'GET',
      path: '/orders',
      authorization: [`Bearer ${token}`],
      accessTokenInQuery: false,
    })
}

describe('its answers', () => {
  test.each<[keyof DemoTokens, object]>([
    ['opaque', { allow: true, grant: { principal: { kind: 'user', id: 'alice' }, clientId: 'orders-web' } }],
    ['opaqueService', { allow: true, grant: { principal: { kind: 'client', id: 'orders-service' } } }],
    ['opaqueExpired', { code: 'token_inactive' }],
    ['refresh', { code: 'token_kind_unproven', detail: { missing: 'token_type' } }],
    ['read', { allow: true, grant: { principal: { kind: 'user', id: 'alice' } } }],
    ['idToken', { code: 'id_token' }],
  ])('%s', async (name, expected) => {
    expect(await open()(tokens[name])).toMatchObject(expected)
  })

  test('a revoked token is refused', async () => {
    const ask = open()
    expect(await ask(tokens.opaqueRevoked)).toMatchObject({ allow: true })
    await revokeToken(server.issuer, server.clients.web, tokens.opaqueRevoked)
    expect(await ask(tokens.opaqueRevoked)).toMatchObject({ code: 'token_inactive' })
  })

  test('a client credentials token has no sub: its principal is unknown, unless the configuration says what that means', async () => {
    expect(await open({ withoutSub: 'refuse' })(tokens.opaqueService)).toMatchObject({
      code: 'claim_missing',
      detail: { claim: 'sub' },
    })
  })

  test('a required member that its answers lack refuses every token', async () => {
    expect(await open({ requiredMembers: ['not_a_member'] })(tokens.opaque)).toMatchObject({
      code: 'token_kind_unproven',
    })
  })
})

describe('the server refuses', () => {
  test.each([
    ['with keys, configured to introspect', { jwt: 'introspect' } as const, true],
    ['without keys', {}, false],
  ])('to introspect JWTs: %s', async (_, change, keyed) => {
    expect(await open(change, { keyed })(tokens.read)).toMatchObject({ code: 'introspection_unsupported' })
  })

  test('a key that is not ours', async () => {
    const key = await generateSigningKey('ES256')
    expect(await open({}, { key })(tokens.opaque)).toMatchObject({
      code: 'introspection_credentials_refused',
      detail: { status: 401 },
    })
  })

  test('a client that may not see the token, by calling it inactive', async () => {
    const { client_id, client_secret } = server.clients.service
    const { issuer } = server
    const authorizer = createAuthorizer(
      {
        issuers: {
          main: {
            issuer,
            audience: opaqueResourceOf(audience),
            introspection: {
              discovery: 'openid-configuration',
              authentication: 'client_secret_basic',
              clientId: client_id,
              secret: { env: 'SECRET' },
              withoutSub: 'client',
            },
          },
        },
        routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
      },
      { fetch, now: Date.now, report: () => {}, secrets: async () => client_secret },
      { env: { SECRET: client_secret } },
    )
    const ask = (token: string) =>
      authorizer.authorize({
        method: 'GET',
        path: '/orders',
        authorization: [`Bearer ${token}`],
        accessTokenInQuery: false,
      })
    expect(await ask(tokens.opaque)).toMatchObject({ code: 'token_inactive' })
    expect(await ask(tokens.opaqueService)).toMatchObject({ allow: true })
  })

  test('a key that is no key', async () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }
    expect(await open({}, { key })(tokens.opaque)).toMatchObject({
      code: 'secret_unavailable',
      detail: { secret: 'env', problem: 'malformed' },
    })
  })
})
