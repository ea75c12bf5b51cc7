// The local authorization server over real mutual TLS: tokens that are bound to the certificate with which a client has
// authenticated, as JWTs (RFC 8705 section 3.1) and as introspection shows them (section 3.2), and refused clients.

import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  CERTIFIED_CLIENTS,
  opaqueResourceOf,
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../../local/authorization-server/index.ts'
import { createLogin, discover, type LoginRequest } from '../../../local/bound/tokens.ts'
import {
  createCertificateAuthority,
  createSelfSigned,
  type CertificateAuthority,
  type Certified,
} from '../../../local/client-certificates/certificates.ts'

const AUDIENCE = 'https://api.orders.example'
const SCOPE = 'openid orders:read'

let ca: CertificateAuthority
let server: AuthorizationServer
let certificates: Readonly<Record<keyof typeof CERTIFIED_CLIENTS, Certified>>
let logIn: Awaited<ReturnType<typeof createLogin>>

beforeAll(async () => {
  ca = await createCertificateAuthority('test clients')
  const listener = await ca.issue('listener', { hosts: ['127.0.0.1'] })
  certificates = {
    chained: await ca.issue(CERTIFIED_CLIENTS.chained.client_id),
    twice: await ca.issue(CERTIFIED_CLIENTS.twice.client_id),
    selfSigned: await createSelfSigned(CERTIFIED_CLIENTS.selfSigned.client_id),
  }
  server = await startAuthorizationServer({
    port: 0,
    audience: AUDIENCE,
    otherAudience: 'https://api.other.example',
    mutualTls: {
      port: 0,
      certificate: listener.pem,
      key: listener.key,
      ca: ca.pem,
      selfSigned: certificates.selfSigned.pem,
    },
  })
  logIn = await createLogin(server)
})

afterAll(() => server.close())

type Client = keyof typeof CERTIFIED_CLIENTS

const obtain = async (
  client: Client,
  certificate: Certified | null = certificates[client],
  more: Partial<LoginRequest> = {},
) => {
  const { accessToken } = await logIn({
    client: CERTIFIED_CLIENTS[client],
    tls: { serverCa: ca.pem, certificate },
    scope: SCOPE,
    resource: AUDIENCE,
    ...more,
  })
  return accessToken
}

const REFUSED = expect.objectContaining({ error: 'invalid_client' })

describe.each(['chained', 'selfSigned'] as const)('the client %s', (client) => {
  test('gets a JWT that is bound to its certificate', async () => {
    const { client_id, cnf } = decodeJwt(await obtain(client))
    expect({ client_id, cnf }).toEqual({
      client_id: CERTIFIED_CLIENTS[client].client_id,
      cnf: { 'x5t#S256': certificates[client].thumbprint },
    })
  })

  test('gets none without a certificate, or with one of another client', async () => {
    await expect(obtain(client, null)).rejects.toThrow(REFUSED)
    await expect(obtain(client, certificates.twice)).rejects.toThrow(REFUSED)
  })
})

test('a certificate of the right name is refused if its CA is another one', async () => {
  await expect(
    obtain('chained', await createSelfSigned(CERTIFIED_CLIENTS.chained.client_id)),
  ).rejects.toThrow(REFUSED)
})

test('a new self-signed certificate is refused, because it is not registered', async () => {
  const unknown = await createSelfSigned(CERTIFIED_CLIENTS.selfSigned.client_id)
  await expect(obtain('selfSigned', unknown)).rejects.toThrow(REFUSED)
})

test('introspection of an opaque token has the certificate', async () => {
  const token = await obtain('chained', certificates.chained, { resource: opaqueResourceOf(AUDIENCE) })
  const { client_id, private_jwk } = server.clients.introspector
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', private_jwk as JsonWebKey, algorithm, false, ['sign'])
  const answer = await oauth.introspectionRequest(
    await discover(server.issuer),
    { client_id },
    oauth.PrivateKeyJwt(key),
    token,
    { [oauth.allowInsecureRequests]: true },
  )
  expect(await answer.json()).toMatchObject({
    active: true,
    token_type: 'Bearer',
    cnf: { 'x5t#S256': certificates.chained.thumbprint },
  })
})

test('a token of `twice` is bound to a DPoP key and to a certificate', async () => {
  const dpop = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  expect(decodeJwt(await obtain('twice', certificates.twice, { dpop }))['cnf']).toEqual({
    jkt: await dpop.calculateThumbprint(),
    'x5t#S256': certificates.twice.thumbprint,
  })
})

test('the discovery document has the second listener, and tokens of other clients are not bound', async () => {
  const { mtls_endpoint_aliases: aliases, token_endpoint: usual, ...metadata } = await discover(server.issuer)
  expect(metadata).toMatchObject({ tls_client_certificate_bound_access_tokens: true })
  expect(aliases!.token_endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/token$/)
  expect(usual).toBe(`${server.issuer}/token`)
  const { accessToken } = await logIn({ client: server.clients.web, scope: SCOPE, resource: AUDIENCE })
  expect(decodeJwt(accessToken)).not.toHaveProperty('cnf')
})
