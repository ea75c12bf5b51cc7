// The longest time until a revocation takes effect, without the section `revocation` and with it.

import { describe, expect, test } from 'vitest'
import { resolveConfig, revocationStaleness, type LanekeeperConfig } from '../../../shared/index.ts'
import { STORE_WAIT_MS } from '../../../shared/revocation/waits.ts'
import { GOOD } from '../../support/config-problems.ts'

const WAIT = STORE_WAIT_MS / 1000
const OPAQUE = {
  issuer: 'https://opaque.example',
  audience: 'https://api.example.com',
  introspection: {
    endpoint: 'https://opaque.example/introspect',
    authentication: 'bearer',
    secret: { env: 'KEY' },
    cacheSeconds: 120,
    timeoutSeconds: 2,
  },
} as unknown as LanekeeperConfig['issuers'][string]

const ISSUERS = { ...GOOD.issuers, opaque: { ...OPAQUE, prefix: 'o_' } } as LanekeeperConfig['issuers']
const REVOCATION = { durableObject: 'REVOCATIONS', dynamodb: { table: 'revocations' } }

const stalenessOf = (members: Partial<LanekeeperConfig>) =>
  revocationStaleness(
    resolveConfig({ ...GOOD, issuers: ISSUERS, ...members }, { env: { KEY: 'k3Jx'.repeat(8) } }),
  )

const WITHOUT = [
  {
    issuer: 'main',
    tokens: 'jwt',
    seconds: 86_430,
    parts: [
      { name: 'until exp', seconds: 86_400 },
      { name: 'clock tolerance', seconds: 30 },
    ],
  },
  {
    issuer: 'opaque',
    tokens: 'opaque',
    seconds: 122,
    parts: [
      { name: 'cached', seconds: 120 },
      { name: 'introspection under way', seconds: 2 },
    ],
  },
]

test('without revocation each issuer has a row for each way in which its tokens are read', () => {
  expect(stalenessOf({})).toEqual(WITHOUT)
})

describe('with revocation', () => {
  test('every kind of token is as late as the edge, whatever is cached', () => {
    const rows = stalenessOf({ revocation: REVOCATION, aws: { authorizers: { live: {} } } })
    const parts = [
      { name: 'age of the news', seconds: 5 },
      { name: 'waiting for the store', seconds: WAIT },
      { name: 'more while the store is out of reach', seconds: 55 - WAIT },
    ]
    const bound = { seconds: 60, parts, demand: 'usual', reachableSeconds: 5 + WAIT }
    expect(rows).toEqual(
      [
        { issuer: 'main', tokens: 'jwt' },
        { issuer: 'opaque', tokens: 'opaque' },
      ].flatMap((row) => [
        { ...row, ...bound, edge: 'cloudflare' },
        { ...row, ...bound, edge: 'aws' },
        { ...row, ...bound, edge: 'aws', authorizer: 'live' },
      ]),
    )
  })

  test('a route with off accepts a token as long as without', () => {
    const routes = [{ path: '/a', methods: ['GET'], scope: 'none' as const, revocation: 'off' as const }]
    expect(stalenessOf({ revocation: REVOCATION, routes })).toEqual(
      WITHOUT.map((row) => ({ ...row, demand: 'off' })),
    )
    const usual = { path: '/b', methods: ['GET'], scope: 'none' as const }
    const both = stalenessOf({ revocation: REVOCATION, routes: [...routes, usual] })
    expect(both.map(({ demand }) => demand)).toEqual([...Array<string>(4).fill('usual'), 'off', 'off'])
  })
})

test('seconds is always the sum of the parts', () => {
  for (const revocation of [undefined, REVOCATION, { ...REVOCATION, refreshSeconds: 60 }])
    for (const row of stalenessOf({
      ...(revocation && { revocation }),
      aws: { resultTtlSeconds: 7, authorizers: { a: { resultTtlSeconds: 9 } } },
    }))
      expect([row.seconds, row]).toEqual([row.parts.reduce((sum, { seconds }) => sum + seconds, 0), row])
})
