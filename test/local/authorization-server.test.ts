/**
 * The local authorization server, started for real on free ports: discovery (RFC 8414), its keys (RFC 7517), its
 * clients, what it refuses, and what a restart keeps.
 */
import { jwtVerify, createRemoteJWKSet } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  generateSigningKeys,
  secretsOf,
  startAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from '../../local/authorization-server/index.ts'
import { runCodeFlow } from '../../local/demo-tokens/code-flow.ts'
import { fetchMetadata, fetchTokens } from '../../local/demo-tokens/token-endpoint.ts'

const audience = 'https://api.orders.example'
const otherAudience = 'https://api.other.example'
const scope = 'orders:read invoices:read'

const start = (options: Partial<AuthorizationServerOptions> = {}) =>
  startAuthorizationServer({ port: 0, audience, otherAudience, ...options })
const keysOf = ({ issuer }: { issuer: string }) => createRemoteJWKSet(new URL(`${issuer}/jwks`))
const portOf = ({ issuer }: { issuer: string }) => Number(new URL(issuer).port)

let server: AuthorizationServer
let other: AuthorizationServer

beforeAll(async () => {
  ;[server, other] = await Promise.all([start(), start()])
})

afterAll(() => Promise.all([server.close(), other.close()]))

describe('the server', () => {
  it('names itself by the port it really has', async () => {
    expect(portOf(server)).toBeGreaterThan(0)
    expect(await fetchMetadata(server.issuer)).toMatchObject({ issuer: server.issuer })
  })

  it('names itself by the issuer it is given, wherever it listens', async () => {
    const issuer = 'http://127.0.0.1:9'
    const behindProxy = await start({ issuer })
    try {
      expect(behindProxy.issuer).toBe(issuer)
      const { address } = behindProxy
      const metadata = await (await fetch(`${address}/.well-known/openid-configuration`)).json()
      expect(metadata).toMatchObject({ issuer })
      expect(server.address).toBe(server.issuer)
    } finally {
      await behindProxy.close()
    }
  })

  it('publishes one RS256 and one ES256 key, without private members', async () => {
    const { keys } = (await (await fetch(`${server.issuer}/jwks`)).json()) as { keys: { alg: string }[] }
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'RS256'])
    for (const key of keys) for (const member of ['d', 'p', 'q']) expect(key).not.toHaveProperty(member)
  })

  it('rejects with EADDRINUSE on a busy port', async () => {
    await expect(start({ port: portOf(server) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('refuses to listen beyond loopback, and to send logout tokens there', async () => {
    await expect(start({ host: '0.0.0.0' as '127.0.0.1' })).rejects.toThrow(TypeError)
    const backchannelLogoutUri = 'https://edge.orders.example/logout'
    await expect(start({ backchannelLogoutUri })).rejects.toThrow(TypeError)
  })

  it('refuses a resource it does not know', async () => {
    const metadata = await fetchMetadata(server.issuer)
    const parameters = { grant_type: 'client_credentials', scope, resource: 'https://unknown.example' }
    await expect(fetchTokens(metadata, server.clients.service, parameters)).rejects.toThrow('invalid_target')
  })

  it('demands a DPoP proof of a client whose tokens are bound', async () => {
    const metadata = await fetchMetadata(server.issuer)
    const request = { metadata, client: server.clients.dpop, scope: `openid ${scope}`, resource: audience }
    const proofJwk = server.clients.dpop.proof_jwk
    expect(await runCodeFlow({ ...request, proofJwk })).toMatchObject({ token_type: 'DPoP' })
    await expect(runCodeFlow(request)).rejects.toThrow('invalid_grant')
  })

  it('refreshes a grant until its refresh token is revoked', async () => {
    const { issuer, clients } = server
    const metadata = await fetchMetadata(issuer)
    const request = { metadata, client: clients.web, scope: `openid ${scope}`, resource: audience }
    const { refresh_token = '' } = await runCodeFlow(request)
    const parameters = { grant_type: 'refresh_token', refresh_token, resource: audience }
    const { access_token } = await fetchTokens(metadata, clients.web, parameters)
    await jwtVerify(access_token, keysOf(server), { issuer, audience, typ: 'at+jwt' })

    const { client_id, client_secret } = clients.web
    const headers = { authorization: `Basic ${btoa(`${client_id}:${client_secret}`)}` }
    const body = new URLSearchParams({ token: refresh_token })
    await fetch(`${issuer}/token/revocation`, { method: 'POST', headers, body })
    await expect(fetchTokens(metadata, clients.web, parameters)).rejects.toThrow('invalid_grant')
  })

  it('keeps its tokens verifiable over a restart with the same keys and clients', async () => {
    const jwks = await generateSigningKeys()
    const parameters = { grant_type: 'client_credentials', scope, resource: audience }
    const first = await start({ jwks })
    const metadata = await fetchMetadata(first.issuer)
    const { access_token } = await fetchTokens(metadata, first.clients.service, parameters)
    await first.close()

    const second = await start({ jwks, clients: first.clients, port: portOf(first) })
    await jwtVerify(access_token, keysOf(second), { issuer: first.issuer, audience })
    await fetchTokens(metadata, first.clients.service, parameters)
    await second.close()
  })
})

describe('the clients', () => {
  it('survive JSON', () => {
    expect(JSON.parse(JSON.stringify(server.clients))).toEqual(server.clients)
  })

  it('list every secret, and nothing public', () => {
    const { introspector, dpop, web } = server.clients
    const secrets = secretsOf(server.clients)
    expect(secrets).toHaveLength(8)
    expect(secrets).toEqual(
      expect.arrayContaining([
        web.client_secret,
        introspector.private_jwk.d,
        dpop.client_secret,
        dpop.proof_jwk.d,
      ]),
    )
    expect(secrets).not.toContain(dpop.proof_jwk.x)
  })

  it('have other secrets at another server', () => {
    const shared = secretsOf(server.clients).filter((secret) => secretsOf(other.clients).includes(secret))
    expect(shared).toEqual([])
  })
})
