/**
 * The tokens of the tour: two real authorization servers on free ports, every token fetched over http. Shapes
 * follow RFC 9068 s.2.2 and OpenID Connect Core s.2; signatures are checked against the published JWK Set.
 */
import {
  calculateJwkThumbprint,
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  importJWK,
  jwtVerify,
  SignJWT,
} from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  DEMO_USER,
  startAuthorizationServer,
  type AuthorizationServer,
} from '../../local/authorization-server/index.ts'
import {
  forgeTokens,
  obtainDemoTokens,
  type DemoTokens,
  type ForgedTokens,
} from '../../local/demo-tokens/index.ts'

const audience = 'https://api.orders.example'
const otherAudience = 'https://api.other.example'
const READ = 'orders:read invoices:read'
const WRITE = 'orders:read orders:write invoices:read invoices:write'

const start = () => startAuthorizationServer({ port: 0, audience, otherAudience })
const keysOf = ({ issuer }: { issuer: string }) => createRemoteJWKSet(new URL(`${issuer}/jwks`))

const print = [
  vi.spyOn(process.stdout, 'write'),
  ...(['log', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level)),
]
let server: AuthorizationServer
let other: AuthorizationServer
let tokens: DemoTokens
let forged: ForgedTokens
let printed: number

beforeAll(async () => {
  ;[server, other] = await Promise.all([start(), start()])
  tokens = await obtainDemoTokens({
    issuer: server.issuer,
    otherIssuer: other.issuer,
    audience,
    otherAudience,
    clients: server.clients,
    otherClients: other.clients,
  })
  forged = await forgeTokens(tokens)
  printed = print.flatMap((spy) => spy.mock.calls).length
})

afterAll(() => Promise.all([server.close(), other.close()]))

it('issuing them prints nothing', () => {
  expect(printed).toBe(0)
})

describe('an access token', () => {
  it.each([
    ['read', { sub: DEMO_USER, aud: audience, scope: READ, client_id: 'orders-web' }],
    ['write', { sub: DEMO_USER, aud: audience, scope: WRITE, client_id: 'orders-web' }],
    ['service', { sub: 'orders-service', aud: audience, scope: READ, client_id: 'orders-service' }],
    ['expired', { sub: DEMO_USER, aud: audience, scope: READ, client_id: 'orders-kiosk' }],
    ['otherAudience', { sub: DEMO_USER, aud: otherAudience, scope: READ, client_id: 'orders-web' }],
    ['otherIssuer', { sub: DEMO_USER, aud: audience, scope: READ, client_id: 'orders-web' }],
    ['dpopBound', { sub: DEMO_USER, aud: audience, scope: READ, client_id: 'orders-mobile' }],
  ] as const)('%s has the RFC 9068 shape and a valid signature', async (name, claims) => {
    const { issuer } = name === 'otherIssuer' ? other : server
    const currentDate = new Date((decodeJwt(tokens[name]).iat ?? 0) * 1000)
    const verified = await jwtVerify(tokens[name], keysOf({ issuer }), { issuer, currentDate })
    expect(verified.protectedHeader).toMatchObject({ typ: 'at+jwt', alg: 'RS256', kid: expect.any(String) })
    expect(verified.payload).toMatchObject({ ...claims, jti: expect.any(String), exp: expect.any(Number) })
  })

  it('expired is past its exp by more than two seconds', () => {
    const { iat = 0, exp = Infinity } = decodeJwt(tokens.expired)
    expect(exp - iat).toBe(1)
    expect(Date.now() / 1000 - exp).toBeGreaterThan(2)
  })

  it('otherIssuer does not verify with the keys of the first issuer', async () => {
    await expect(jwtVerify(tokens.otherIssuer, keysOf(server))).rejects.toMatchObject({
      code: 'ERR_JWKS_NO_MATCHING_KEY',
    })
  })

  it('dpopBound is bound to the key of its client, read to none', async () => {
    const jkt = await calculateJwkThumbprint(server.clients.dpop.proof_jwk)
    expect(decodeJwt(tokens.dpopBound)['cnf']).toEqual({ jkt })
    expect(decodeJwt(tokens.read)).not.toHaveProperty('cnf')
  })
})

describe('an ID token', () => {
  it.each([
    ['idToken', 'orders-web'],
    ['idTokenForApi', audience],
  ] as const)('%s is signed, carries a nonce and names its client', async (name, aud) => {
    const { issuer } = server
    const verified = await jwtVerify(tokens[name], keysOf(server), { issuer })
    expect(verified.protectedHeader.typ).not.toBe('at+jwt')
    expect(verified.payload).toMatchObject({ sub: DEMO_USER, aud, nonce: expect.any(String) })
    for (const claim of ['client_id', 'scope', 'jti']) expect(verified.payload).not.toHaveProperty(claim)
  })

  it('in disguise is a signed at+jwt for the API that says what an ID token says', async () => {
    const { issuer } = server
    const options = { issuer, audience, typ: 'at+jwt' }
    const { payload } = await jwtVerify(tokens.disguisedIdToken, keysOf(server), options)
    const claims = ['at_hash', 'aud', 'auth_time', 'azp', 'exp', 'iat', 'iss', 'nonce', 'sub']
    expect(Object.keys(payload).sort()).toEqual(claims)
    expect(Object.values(payload)).not.toContain(undefined)
  })
})

describe('the opaque token', () => {
  it('is no JWT', () => {
    expect(() => decodeProtectedHeader(tokens.opaque)).toThrow()
  })

  it('introspects as active for the gateway, with audience and scope', async () => {
    const { issuer, clients } = server
    const { client_id, private_jwk } = clients.introspector
    const client_assertion = await new SignJWT({ jti: crypto.randomUUID() })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(client_id)
      .setSubject(client_id)
      .setAudience(issuer)
      .setIssuedAt()
      .setExpirationTime('1m')
      .sign(await importJWK(private_jwk, 'ES256'))
    const answer = await introspect({
      client_assertion,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    })
    expect(answer).toMatchObject({
      active: true,
      iss: issuer,
      sub: DEMO_USER,
      client_id: 'orders-web',
      aud: `${audience}/opaque`,
      scope: READ,
    })
  })

  it('introspects as inactive for a client it does not belong to', async () => {
    const { client_id, client_secret } = server.clients.service
    const authorization = `Basic ${btoa(`${client_id}:${client_secret}`)}`
    expect(await introspect({}, { authorization })).toEqual({ active: false })
  })

  async function introspect(parameters: Record<string, string>, headers: Record<string, string> = {}) {
    const body = new URLSearchParams({ token: tokens.opaque, ...parameters })
    return (await fetch(`${server.issuer}/token/introspection`, { method: 'POST', headers, body })).json()
  }
})

describe('a forged token', () => {
  it.each([
    ['tampered', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['foreignKey', 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED'],
    ['algNone', 'ERR_JOSE_NOT_SUPPORTED'],
  ] as const)('%s does not verify', async (name, code) => {
    await expect(jwtVerify(forged[name], keysOf(server))).rejects.toMatchObject({ code })
  })

  it('tampered differs from read in its scope only', () => {
    const { scope, ...claims } = decodeJwt(forged.tampered)
    expect(String(scope).split(' ')).toContain('orders:write')
    expect({ ...claims, scope: READ }).toEqual(decodeJwt(tokens.read))
    expect(forged.tampered.split('.')[2]).toBe(tokens.read.split('.')[2])
  })

  it('foreignKey has the header and the claims of read', () => {
    expect(decodeProtectedHeader(forged.foreignKey)).toEqual(decodeProtectedHeader(tokens.read))
    expect(decodeJwt(forged.foreignKey)).toEqual(decodeJwt(tokens.read))
  })

  it('algNone has the claims of read and an empty signature', () => {
    const [header = '', payload, signature] = forged.algNone.split('.')
    expect(JSON.parse(atob(header))).toMatchObject({ alg: 'none', typ: 'at+jwt' })
    expect([payload, signature]).toEqual([tokens.read.split('.')[1], ''])
  })
})
