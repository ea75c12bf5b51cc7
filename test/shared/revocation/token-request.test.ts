// How a token that somebody hands over is revoked: by which name, of which issuer, and which tokens are refused.

import { describe, expect, test } from 'vitest'
import { resolveConfig, webCrypto, type LanekeeperConfig } from '../../../shared/index.ts'
import { createEntryKeys } from '../../../shared/revocation/entry-keys.ts'
import { revocableText } from '../../../shared/revocation/revocable.ts'
import { statedExp, toTokenRequest } from '../../../shared/revocation/token-request.ts'

const AUDIENCE = 'https://api.example.com'
const ENV = { KEY: 'k3Jx'.repeat(8) }
const keys = createEntryKeys(webCrypto)

const MAIN = {
  issuer: 'https://main.example',
  audience: AUDIENCE,
  profile: 'rfc9068',
  keys: { discovery: 'openid-configuration' },
} as const
const INTROSPECTION = { authentication: 'bearer', secret: { env: 'KEY' } } as const
const OPAQUE = {
  issuer: 'https://opaque.example',
  audience: AUDIENCE,
  introspection: { endpoint: 'https://opaque.example/i', ...INTROSPECTION },
} as const
const BOTH = {
  ...MAIN,
  issuer: 'https://both.example',
  introspection: { endpoint: 'https://both.example/i', jwt: 'introspect', ...INTROSPECTION },
} as const

const contextOf = (issuers: LanekeeperConfig['issuers']) => {
  const config = resolveConfig(
    { issuers, routes: [{ path: '/', methods: ['GET'], scope: 'none' }] },
    { env: ENV },
  )
  return { issuers: config.issuers.values(), limits: config.limits, keys }
}

const requestOf = (token: string, issuers: LanekeeperConfig['issuers'], named?: string) =>
  toTokenRequest(token, named, contextOf(issuers))

const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

const jwt = (claims: unknown, header: unknown = { alg: 'ES256', typ: 'at+jwt' }, signature = 'c2ln') =>
  `${part(header)}.${part(claims)}.${signature}`

const digestOf = (token: string) => keys.digestOf(revocableText(token))

const CLAIMS = { iss: MAIN.issuer, jti: 'token-1', sub: 'alice', exp: 1_900_000_000 }

describe('a JWT that is verified here', () => {
  test('is named by its jti, with its user, and not by its exp, which nobody has verified', () => {
    expect(requestOf(jwt(CLAIMS), { main: MAIN })).toEqual({
      kind: 'jti',
      issuer: MAIN.issuer,
      id: 'token-1',
      sub: 'alice',
    })
  })

  test.each([[undefined], [''], [['a']], [{}], [null]])('is named by its digest if jti is %j', (jti) => {
    const token = jwt({ ...CLAIMS, jti })
    expect(requestOf(token, { main: MAIN })).toMatchObject({ kind: 'token', id: digestOf(token) })
  })

  test('has the same digest with another spelling of its signature', () => {
    const { jti: _, ...claims } = CLAIMS
    const [one, other] = [jwt(claims), jwt(claims, undefined, 'b3RoZXI')]
    expect(requestOf(one, { main: MAIN })).toEqual(requestOf(other, { main: MAIN }))
    expect(requestOf(one, { main: MAIN })).not.toEqual(
      requestOf(jwt({ ...claims, sub: 'bob' }), { main: MAIN }),
    )
  })

  test('is named by the claim of its profile, and its user by the principal', () => {
    const tenant = '11111111-1111-1111-1111-111111111111'
    const entra = {
      issuer: `https://login.microsoftonline.com/${tenant}/v2.0`,
      audience: AUDIENCE,
      profile: 'entra-v2',
      keys: { discovery: 'openid-configuration' },
    } as const
    const claims = { iss: entra.issuer, uti: 'u', jti: 'j', sub: 'pairwise', oid: 'object', exp: 7 }
    expect(requestOf(jwt(claims), { entra })).toMatchObject({ kind: 'jti', id: 'u', sub: 'object' })
  })

  test('of a profile without such a claim is named by its digest', () => {
    const issuer = 'https://acme.eu.auth0.com/'
    const scopes = { claim: 'scope', shape: 'string' } as const
    const auth0 = { ...MAIN, issuer, profile: 'auth0-token-profile', scopes } as const
    const token = jwt({ ...CLAIMS, iss: issuer })
    expect(requestOf(token, { auth0 })).toMatchObject({ kind: 'token', id: digestOf(token) })
  })

  test('has no user without one', () => {
    const { sub: _, ...claims } = CLAIMS
    expect(requestOf(jwt(claims), { main: MAIN })).not.toHaveProperty('sub')
  })

  test('has to be of an issuer that is configured, and of the one that is named', () => {
    const issuers = { main: MAIN, other: { ...MAIN, issuer: 'https://other.example' } }
    const foreign = jwt({ ...CLAIMS, iss: 'https://foreign.example' })
    expect(requestOf(foreign, issuers)).toEqual({ problem: 'issuer_unknown' })
    expect(requestOf(jwt({ ...CLAIMS, iss: undefined }), issuers)).toEqual({
      problem: 'not_introspected',
    })
    expect(requestOf(jwt(CLAIMS), issuers, 'other')).toEqual({ problem: 'issuer_differs' })
    for (const named of ['main', MAIN.issuer, undefined])
      expect(requestOf(jwt(CLAIMS), issuers, named)).toMatchObject({ kind: 'jti' })
  })

  test.each([
    ['a member twice', jwt('{"iss":"https://main.example","jti":"a","jti":"b"}')],
    ['no object', jwt('[]')],
    ['no JSON', jwt('{')],
    ['a fourth part', `${jwt(CLAIMS)}.x`],
    ['padding inside', jwt(CLAIMS).replace('.', '=.')],
    ['bits that mean nothing', `${part({ alg: 'ES256' })}.${part(CLAIMS)}.AB`],
    ['two tokens', `${jwt(CLAIMS)} ${jwt(CLAIMS)}`],
    ['nothing', ''],
  ])('is read strictly: %s', (_, token) => {
    expect(requestOf(token, { main: MAIN })).toEqual({ problem: 'token_malformed' })
  })

  test('is no larger than an edge takes', () => {
    const token = jwt({ ...CLAIMS, more: 'x'.repeat(9_000) })
    expect(requestOf(token, { main: MAIN })).toEqual({ problem: 'token_too_large' })
  })
})

test.each([
  [jwt(CLAIMS), 1_900_000_000],
  [jwt({ ...CLAIMS, exp: undefined }), null],
  [jwt({ ...CLAIMS, exp: '1900000000' }), null],
  ['opaque', null],
])('the exp of %.20s as it is stated', (token, exp) => {
  expect(statedExp(token, contextOf({ main: MAIN }).limits)).toBe(exp)
})

describe('a token that its issuer introspects', () => {
  test('is named by its digest', () => {
    expect(requestOf('an-opaque-token', { opaque: OPAQUE })).toEqual({
      kind: 'token',
      issuer: OPAQUE.issuer,
      id: digestOf('an-opaque-token'),
    })
  })

  test('is so beside an issuer that introspects none', () => {
    expect(requestOf('opaque', { main: MAIN, opaque: OPAQUE })).toMatchObject({ issuer: OPAQUE.issuer })
    expect(requestOf('opaque', { main: MAIN })).toEqual({ problem: 'not_introspected' })
    const issuers = { main: MAIN, opaque: OPAQUE }
    expect(requestOf('opaque', issuers, 'main')).toEqual({ problem: 'not_introspected' })
    expect(requestOf('opaque', issuers, 'other')).toEqual({ problem: 'issuer_unknown' })
  })

  test('wants its issuer where several introspect', () => {
    const issuers = {
      one: { ...OPAQUE, prefix: 'o_' },
      two: { ...OPAQUE, issuer: 'https://two.example', prefix: 't_' },
    } as const
    expect(requestOf('opaque', issuers)).toEqual({ problem: 'issuer_missing' })
    expect(requestOf('opaque', issuers, 'two')).toMatchObject({ issuer: 'https://two.example' })
  })

  test('is named by its digest if it is a JWT, because the answer may have other claims', () => {
    const token = jwt({ ...CLAIMS, iss: BOTH.issuer })
    expect(requestOf(token, { both: BOTH })).toEqual({
      kind: 'token',
      issuer: BOTH.issuer,
      id: digestOf(token),
    })
    expect(requestOf(jwt({ sub: 'no iss' }), { both: BOTH })).toMatchObject({ issuer: BOTH.issuer })
    expect(requestOf(jwt('{'), { both: BOTH })).toMatchObject({ kind: 'token', issuer: BOTH.issuer })
  })
})
