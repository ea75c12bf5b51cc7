// The local authorization server and oauth4webapi: tokens that are bound to a DPoP key, as a JWT (RFC 9449 section 6.1)
// and as introspection shows them (section 6.2), and nonces of the token endpoint (section 8).

import { decodeJwt } from 'jose'
import * as oauth from 'oauth4webapi'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  opaqueResourceOf,
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../../local/authorization-server/index.ts'
import { createLogin, type LoginRequest } from '../../../local/bound/tokens.ts'

const AUDIENCE = 'https://api.orders.example'
const INSECURE = { [oauth.allowInsecureRequests]: true }

const start = (dpopNonces: boolean) =>
  startAuthorizationServer({
    port: 0,
    audience: AUDIENCE,
    otherAudience: 'https://api.other.example',
    dpopNonces,
  })

let demanding: AuthorizationServer
let lenient: AuthorizationServer

beforeAll(async () => {
  ;[demanding, lenient] = await Promise.all([start(true), start(false)])
})

afterAll(() => Promise.all([demanding.close(), lenient.close()]))

const createKey = async (algorithm = 'ES256') => oauth.DPoP({}, await oauth.generateKeyPair(algorithm))

async function logIn(server: AuthorizationServer, request: Partial<LoginRequest> = {}) {
  const { web: client } = server.clients
  return (await createLogin(server))({ client, scope: 'openid orders:read', resource: AUDIENCE, ...request })
}

async function introspect(server: AuthorizationServer, token: string): Promise<unknown> {
  const issuer = new URL(server.issuer)
  const metadata = await oauth.processDiscoveryResponse(
    issuer,
    await oauth.discoveryRequest(issuer, INSECURE),
  )
  const { client_id, private_jwk } = server.clients.introspector
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  const key = await crypto.subtle.importKey('jwk', private_jwk as JsonWebKey, algorithm, false, ['sign'])
  const authentication = oauth.PrivateKeyJwt(key)
  return (await oauth.introspectionRequest(metadata, { client_id }, authentication, token, INSECURE)).json()
}

describe.each(['ES256', 'Ed25519'])('a login with a key for %s', (algorithm) => {
  test('gets a JWT that is bound to the key', async () => {
    const dpop = await createKey(algorithm)
    const { accessToken, tokenType } = await logIn(lenient, { dpop })
    expect(decodeJwt(accessToken)['cnf']).toEqual({ jkt: await dpop.calculateThumbprint() })
    expect(tokenType).toBe('dpop')
  })

  test('gets an opaque token whose introspection has the key and the type DPoP', async () => {
    const dpop = await createKey(algorithm)
    const { accessToken } = await logIn(lenient, { dpop, resource: opaqueResourceOf(AUDIENCE) })
    expect(await introspect(lenient, accessToken)).toMatchObject({
      active: true,
      cnf: { jkt: await dpop.calculateThumbprint() },
      token_type: 'DPoP',
    })
  })
})

test('a login without a key gets tokens that are bound to none', async () => {
  const { accessToken, tokenType } = await logIn(lenient)
  expect(decodeJwt(accessToken)).not.toHaveProperty('cnf')
  expect(tokenType).toBe('bearer')
  const { accessToken: opaque } = await logIn(lenient, { resource: opaqueResourceOf(AUDIENCE) })
  const answer = await introspect(lenient, opaque)
  expect(answer).toMatchObject({ active: true, token_type: 'Bearer' })
  expect(answer).not.toHaveProperty('cnf')
})

test('the client repeats a request once where the server demands a nonce', async () => {
  const dpop = await createKey()
  expect(await logIn(demanding, { dpop })).toMatchObject({ tokenType: 'dpop', nonces: 1 })
  expect(await logIn(demanding, { dpop })).toMatchObject({ tokenType: 'dpop', nonces: 0 })
  expect(await logIn(lenient, { dpop: await createKey() })).toMatchObject({ nonces: 0 })
})
