// Parts of the Lambda that a function's settings ask for.

import { describe, expect, test } from 'vitest'
import { AWS_EDGE } from '../../../functions/aws/compile.ts'
import { compileFor } from '../../../shared/compiler.ts'
import type { AwsConfig, LanekeeperConfig } from '../../../shared/index.ts'

const ROUTE = { path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } } as const

const compiled = (more: Partial<LanekeeperConfig>) => {
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: 'https://login.example.com',
        audience: 'https://api.example.com',
        profile: 'rfc9068',
        keys: { discovery: 'openid-configuration' },
      },
    },
    routes: [ROUTE],
    ...more,
  }
  return compileFor(AWS_EDGE, config, { env: {} }, true)
}

const namesOf = (more: Partial<LanekeeperConfig>): readonly string[] =>
  compiled(more).parts.map(({ name }) => name)

const partsWith = (aws: AwsConfig): readonly string[] => namesOf({ aws })

test.each<[string, AwsConfig, boolean]>([
  ['the Authorization field', {}, false],
  ['a subprotocol', { webSocketToken: 'protocol' }, true],
  ['a query parameter', { webSocketToken: { query: 'access_token' } }, true],
  ['a subprotocol, for one function', { authorizers: { chat: { webSocketToken: 'protocol' } } }, true],
])('handshake tokens: %s', (_, aws, isNamed) => {
  expect(partsWith(aws).includes('aws/handshake-tokens')).toBe(isNamed)
})

test('the strategy table brings its answer, and the grant of a token whatever the route decides', () => {
  expect(partsWith({ strategy: 'table' })).toEqual(expect.arrayContaining(['aws/table', 'examine']))
  expect(partsWith({})).not.toContain('examine')
})

describe('revocation', () => {
  const PARTS = ['revocation-lookups', 'aws/dynamodb']
  const revocation = {
    dynamodb: { table: 'revocations' },
    durableObject: 'STORE',
    maxEntries: 5_000,
    admin: { revoke: { env: 'REVOKE' }, list: { env: 'LIST' } },
  } as const
  const logout = { path: '/logout', clients: { main: 'app' } }
  const route = (demand?: 'strong' | 'off', path = '/orders') => ({
    ...ROUTE,
    path,
    ...(demand === undefined ? {} : { revocation: demand }),
  })
  const OPEN = { path: '/health', methods: ['GET'], public: true } as const
  const found = (more: Partial<LanekeeperConfig>) => namesOf(more).filter((name) => PARTS.includes(name))
  const planned = (more: Partial<LanekeeperConfig>) =>
    (compiled(more).plan.config as Readonly<Record<string, object>>)['revocation']

  test('a route that is not off brings look-ups and the table; without the section nothing does', () => {
    expect(found({ revocation })).toEqual(PARTS)
    expect(found({ revocation, routes: [route('off'), route('strong', '/pay')] })).toEqual(PARTS)
    expect(found({})).toEqual([])
  })

  test('where no route asks, nothing of it is in the artefact', () => {
    for (const routes of [[route('off')], [OPEN]]) {
      expect(found({ revocation, routes })).toEqual([])
      expect(planned({ revocation, routes })).toBeUndefined()
    }
    expect(found({ revocation: { ...revocation, logout }, routes: [route('off')] })).toEqual(PARTS)
  })

  test('the plan has what the functions read: nothing of the admin endpoint and of the Worker', () => {
    const read = { dynamodb: { table: 'revocations' }, refreshSeconds: 5, staleSeconds: 60 }
    expect(planned({ revocation })).toEqual({ ...read, memoryBytes: 50_331_648, logout: null })
    expect(planned({ revocation: { ...revocation, logout } })).toEqual({
      ...read,
      ...{ memoryBytes: 50_331_648, maxEntries: 5_000 },
      logout: { path: '/logout', clients: { $map: [['main', { $set: ['app'] }]] } },
    })
    const hashOf = (more: object) => compiled({ revocation: { ...revocation, ...more } }).plan.hash
    expect(hashOf({ maxEntries: 6_000 })).toBe(hashOf({}))
    expect(hashOf({ refreshSeconds: 6 })).not.toBe(hashOf({}))
  })

  test('without a table the Lambda cannot ask', () => {
    const message = 'revocation.dynamodb: is missing; the Lambda asks this table about tokens'
    expect(() => compiled({ revocation: { durableObject: 'STORE' } })).toThrow(message)
    expect(() => compiled({ revocation: { durableObject: 'STORE' }, routes: [route('off')] })).not.toThrow()
  })

  describe('with the strategy table', () => {
    const table =
      (...routes: LanekeeperConfig['routes'][number][]) =>
      () =>
        compiled({ revocation, routes, aws: { strategy: 'table' } })

    test.each([[undefined], ['strong'], ['off']] as const)('%s on every protected route', (demand) => {
      expect(table(route(demand), route(demand, '/pay'), OPEN)).not.toThrow()
    })

    test.each([
      [undefined, 'strong'],
      ['strong', 'off'],
      [undefined, 'off'],
    ] as const)('%s on one route and %s on another is refused', (one, other) => {
      expect(table(route(one), route(other, '/pay'))).toThrow(
        `aws.strategy: cannot be "table" where routes differ in revocation (GET /orders: ${one ?? 'no demand'}; GET /pay: ${other})`,
      )
    })

    test('the setting of a named function is named', () => {
      expect(() =>
        compiled({
          revocation,
          routes: [route(), route('strong', '/pay')],
          aws: { authorizers: { chat: { strategy: 'table' } } },
        }),
      ).toThrow('aws.authorizers.chat.strategy: cannot be "table"')
    })
  })
})
