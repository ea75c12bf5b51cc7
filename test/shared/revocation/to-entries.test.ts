import { describe, expect, test } from 'vitest'
import { FOREVER, mergeTimes } from '../../../shared/revocation/entry.ts'
import { toEntries, toNames, type RevocationRequest } from '../../../shared/revocation/to-entries.ts'
import { resolveConfig } from '../../../shared/index.ts'

const ISSUER = 'https://issuer.example'
const OPAQUE = 'https://opaque.example'
const TENANTS = ['t1', 't2'].map((tenant) => `https://login.microsoftonline.com/${tenant}/v2.0`)
const NOW = 1_800_000_000
const HOUR = 3_600
const THUMBPRINT = 't'.repeat(43)

const { issuers } = resolveConfig(
  {
    issuers: {
      main: {
        issuer: ISSUER,
        audience: 'api',
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
        clockToleranceSeconds: 10,
        maxLifetimeSeconds: HOUR,
      },
      opaque: {
        issuer: OPAQUE,
        audience: 'api',
        introspection: {
          endpoint: 'https://opaque.example/introspect',
          authentication: 'client_secret_basic',
          clientId: 'api',
          secret: { env: 'SECRET' },
        },
        prefix: 'op_',
      },
      entra: {
        issuer: 'https://login.microsoftonline.com/{tenantid}/v2.0',
        tenants: ['t1', 't2'],
        audience: 'api',
        profile: 'entra-v2',
        keys: { url: 'https://login.microsoftonline.com/common/v2.0', discovery: 'openid-configuration' },
      },
    },
    routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
  } as never,
  { env: { SECRET: 'secret-of-the-client' } },
)
const ALL = [...issuers.values()]
const MAIN = ALL.filter(({ name }) => name === 'main')

const entriesOf = (request: RevocationRequest, isOwnClock = true, from = ALL) =>
  toEntries({ issuer: 'main', ...request }, from, NOW, isOwnClock)

describe('times', () => {
  test.each(['jti', 'sid'] as const)('%s: whenever issued, for as long as a token can live', (kind) => {
    expect(entriesOf({ kind, id: 'x' })).toEqual([
      { kind, issuer: ISSUER, id: 'x', notBefore: FOREVER, until: NOW + 10 + HOUR + 10 + 1 },
    ])
  })

  test('a token whose exp is known: until then, with the tolerance', () => {
    expect(entriesOf({ kind: 'jti', id: 'x', expiresAt: NOW + 60.5 })).toMatchObject([
      { notBefore: FOREVER, until: NOW + 71 },
    ])
  })

  test('key: whenever issued, for ever', () => {
    expect(entriesOf({ kind: 'key', id: THUMBPRINT })).toMatchObject([{ notBefore: FOREVER, until: FOREVER }])
  })

  test.each(['sub', 'client'] as const)('%s: tokens up to now, the tolerance of clocks included', (kind) => {
    expect(entriesOf({ kind, id: 'x' })).toMatchObject([
      { notBefore: NOW + 10, until: NOW + 10 + HOUR + 10 + 1 },
    ])
  })

  test("a time of the issuer's own clock is exact", () => {
    expect(entriesOf({ kind: 'sub', id: 'x', before: NOW - 5 }, false)).toMatchObject([
      { notBefore: NOW - 5 },
    ])
    expect(entriesOf({ kind: 'sub', id: 'x', before: NOW - 5 })).toMatchObject([{ notBefore: NOW + 5 }])
  })

  test.each(['jti', 'sid', 'key'] as const)('%s with a time: tokens up to then', (kind) => {
    expect(entriesOf({ kind, id: THUMBPRINT, before: NOW - 100 })).toMatchObject([{ notBefore: NOW - 90 }])
  })

  test('tokens that may have no exp: the entry never ends', () => {
    expect(entriesOf({ kind: 'sub', id: 'x', issuer: 'opaque' })).toMatchObject([{ until: FOREVER }])
    expect(entriesOf({ kind: 'jti', id: 'x', issuer: 'opaque' })).toMatchObject([{ until: FOREVER }])
  })

  test('an exp that has passed is refused when no edge accepts the token any longer', () => {
    expect(entriesOf({ kind: 'jti', id: 'x', expiresAt: NOW - 10 })).toMatchObject([{ until: NOW + 1 }])
    expect(entriesOf({ kind: 'jti', id: 'x', expiresAt: NOW - 11 })).toEqual({ problem: 'token_expired' })
    expect(entriesOf({ kind: 'token', id: THUMBPRINT, expiresAt: 1 })).toEqual({ problem: 'token_expired' })
  })

  test('a time may be 300 seconds ahead, as another clock may be', () => {
    expect(entriesOf({ kind: 'sub', id: 'x', before: NOW + 300 })).toMatchObject([{ notBefore: NOW + 310 }])
    expect(entriesOf({ kind: 'sub', id: 'x', before: NOW + 301 })).toEqual({ problem: 'time_in_future' })
  })

  test('two entries merge to the later times, in either order', () => {
    const [one, other] = [
      { notBefore: 1, until: 9 },
      { notBefore: 2, until: 8 },
    ]
    expect(mergeTimes(one, other)).toEqual({ notBefore: 2, until: 9 })
    expect(mergeTimes(other, one)).toEqual({ notBefore: 2, until: 9 })
  })
})

describe('issuers', () => {
  test('by name or by iss', () => {
    expect(entriesOf({ kind: 'issuer', issuer: ISSUER })).toEqual(entriesOf({ kind: 'issuer' }))
  })

  test('every tenant of an issuer', () => {
    expect(entriesOf({ kind: 'sub', id: 'x', issuer: 'entra' })).toMatchObject(
      TENANTS.map((issuer) => ({ issuer })),
    )
    expect(entriesOf({ kind: 'sub', id: 'x', issuer: TENANTS[1]! })).toMatchObject([{ issuer: TENANTS[1] }])
  })

  test('it may be left out where there is one', () => {
    expect(toEntries({ kind: 'sub', id: 'x' }, MAIN, NOW)).toMatchObject([{ issuer: ISSUER }])
    expect(toEntries({ kind: 'sub', id: 'x' }, ALL, NOW)).toEqual({ problem: 'issuer_missing' })
  })
})

describe('what takes the place of an entry without room', () => {
  test.each(['jti', 'sid'] as const)('%s: all tokens of the user up to now', (kind) => {
    expect(entriesOf({ kind, id: 'x', sub: 'user-1' })).toMatchObject([
      { wider: { kind: 'sub', issuer: ISSUER, id: 'user-1', notBefore: NOW + 10, until: NOW + HOUR + 21 } },
    ])
  })

  test('nothing, for an epoch or without a user', () => {
    expect(entriesOf({ kind: 'client', id: 'x', sub: 'user-1' })).not.toHaveProperty('[0].wider')
    expect(entriesOf({ kind: 'jti', id: 'x' })).not.toHaveProperty('[0].wider')
  })
})

test.each([
  [{ kind: 'nonsense' as never, id: 'x' }, 'kind_unknown'],
  [{ kind: 'sub' as const }, 'id_missing'],
  [{ kind: 'sub' as const, id: '' }, 'id_missing'],
  [{ kind: 'issuer' as const, id: 'x' }, 'id_unwanted'],
  [{ kind: 'token' as const, id: 'eyJ.token.text' }, 'id_malformed'],
  [{ kind: 'key' as const, id: THUMBPRINT.slice(1) }, 'id_malformed'],
  [{ kind: 'key' as const, id: THUMBPRINT.replace('t', '=') }, 'id_malformed'],
  [{ kind: 'sub' as const, id: 'x'.repeat(8_193) }, 'id_malformed'],
  [{ kind: 'sub' as const, id: 'x\ud800' }, 'id_malformed'],
  [{ kind: 'jti' as const, id: 'x', sub: 'x\ud800' }, 'id_malformed'],
  [{ kind: 'sub' as const, id: 'x', before: Number.NaN }, 'time_malformed'],
  [{ kind: 'sub' as const, id: 'x', before: -1 }, 'time_malformed'],
  [{ kind: 'jti' as const, id: 'x', expiresAt: FOREVER }, 'time_malformed'],
  ...(['sid', 'sub', 'client', 'tenant', 'key'] as const).map(
    (kind) => [{ kind, id: THUMBPRINT, expiresAt: NOW + 60 }, 'expiry_unwanted'] as const,
  ),
  [{ kind: 'issuer' as const, expiresAt: NOW + 60 }, 'expiry_unwanted'],
  [{ kind: 'sub' as const, id: 'x', issuer: 'nobody' }, 'issuer_unknown'],
  [{ kind: 'tenant' as const, id: 't1' }, 'no_tenants'],
] satisfies (readonly [RevocationRequest, string])[])('%j is refused: %s', (request, problem) => {
  expect(entriesOf(request)).toEqual({ problem })
})

test('names of entries, to remove them', () => {
  expect(toNames({ kind: 'sub', id: 'x', issuer: 'main' }, ALL)).toEqual([
    { kind: 'sub', issuer: ISSUER, id: 'x' },
  ])
  expect(toNames({ kind: 'sub', id: 'x' }, ALL)).toEqual({ problem: 'issuer_missing' })
  expect(toNames({ kind: 'key', id: 'x', issuer: 'main' }, ALL)).toEqual({ problem: 'id_malformed' })
  expect(toNames({ kind: 'sub', id: '', issuer: 'main' }, ALL)).toEqual({ problem: 'id_missing' })
})
