// How late a revocation takes effect, for each edge, function and demand.

import { describe, expect, test } from 'vitest'
import { resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { REQUEST_MS } from '../../../shared/platform/deadline.ts'
import { revocationBounds } from '../../../shared/revocation/bounds.ts'
import { FIRST_WAIT_MS } from '../../../shared/revocation/lookup-reader.ts'
import { STORE_WAIT_MS } from '../../../shared/revocation/waits.ts'
import { GOOD } from '../../support/config-problems.ts'

const REVOCATION = { durableObject: 'REVOCATIONS', dynamodb: { table: 'revocations' } }
const WAIT = STORE_WAIT_MS / 1000
const HELD = REQUEST_MS / 1000

const boundsOf = (members: Partial<LanekeeperConfig>) =>
  revocationBounds(resolveConfig({ ...GOOD, ...members }))

const route = (path: string, members: object = {}) => ({
  path,
  methods: ['GET'],
  scope: 'none' as const,
  ...members,
})

const USUAL = [
  { name: 'age of the news', seconds: 5 },
  { name: 'waiting for the store', seconds: WAIT },
  { name: 'more while the store is out of reach', seconds: 60 - 5 - WAIT },
]

test('without revocation there are none', () => {
  expect(boundsOf({})).toEqual([])
})

test('the Worker is as late as its news, or as staleSeconds in an outage', () => {
  expect(boundsOf({ revocation: { durableObject: 'REVOCATIONS' } })).toEqual([
    {
      edge: 'cloudflare',
      authorizer: null,
      demand: 'usual',
      seconds: 60,
      reachableSeconds: 5 + WAIT,
      parts: USUAL,
    },
  ])
})

test('an outage adds nothing where staleSeconds is no longer than the news and the wait', () => {
  const revocation = { durableObject: 'REVOCATIONS', refreshSeconds: 30, staleSeconds: 30 }
  expect(boundsOf({ revocation })).toMatchObject([
    { seconds: 30 + WAIT, reachableSeconds: 30 + WAIT, parts: [{ seconds: 30 }, { seconds: WAIT }] },
  ])
})

test('a first look-up of a function may take longer than its news get old', () => {
  const revocation = { durableObject: 'REVOCATIONS', dynamodb: { table: 'revocations' }, refreshSeconds: 1 }
  expect(boundsOf({ revocation }).map(({ edge, reachableSeconds }) => [edge, reachableSeconds])).toEqual([
    ['cloudflare', 1 + WAIT],
    ['aws', FIRST_WAIT_MS / 1000],
  ])
})

test('API Gateway adds the lifetime of each function', () => {
  const aws = { resultTtlSeconds: 300, authorizers: { live: { resultTtlSeconds: 0 }, byToken: {} } }
  expect(boundsOf({ revocation: { dynamodb: { table: 'revocations' } }, aws })).toEqual([
    {
      edge: 'aws',
      authorizer: null,
      demand: 'usual',
      seconds: 360 + HELD,
      reachableSeconds: 305 + WAIT + HELD,
      parts: [
        ...USUAL,
        { name: 'until the function answers', seconds: HELD },
        { name: 'kept by the gateway', seconds: 300 },
      ],
    },
    {
      edge: 'aws',
      authorizer: 'live',
      demand: 'usual',
      seconds: 60,
      reachableSeconds: 5 + WAIT,
      parts: USUAL,
    },
    expect.objectContaining({ authorizer: 'byToken', seconds: 360 + HELD }),
  ])
})

test('a lifetime that is not configured counts as 0', () => {
  expect(boundsOf({ revocation: { dynamodb: { table: 'revocations' } } })).toMatchObject([
    { edge: 'aws', seconds: 60 },
  ])
})

describe('a demand has a bound where a route has it', () => {
  const demandsOf = (...routes: object[]) =>
    boundsOf({ revocation: REVOCATION, routes: routes as never, aws: { resultTtlSeconds: 60 } }).map(
      ({ edge, demand, seconds, reachableSeconds }) => [edge, demand, seconds, reachableSeconds],
    )

  test('strong asks the store for every request, and API Gateway may keep the answer', () => {
    expect(demandsOf(route('/a', { revocation: 'strong' }))).toEqual([
      ['cloudflare', 'strong', 0, 0],
      ['aws', 'strong', 60 + HELD, 60 + HELD],
    ])
  })

  test('usual and strong have one each', () => {
    expect(demandsOf(route('/a', { revocation: 'strong' }), route('/b'))).toEqual([
      ['cloudflare', 'usual', 60, 5 + WAIT],
      ['cloudflare', 'strong', 0, 0],
      ['aws', 'usual', 120 + HELD, 65 + WAIT + HELD],
      ['aws', 'strong', 60 + HELD, 60 + HELD],
    ])
  })

  test('off and public have none', () => {
    const open = { path: '/p', methods: ['GET'], public: true }
    expect(demandsOf(route('/a', { revocation: 'off' }), open)).toEqual([])
    expect(demandsOf(open, route('/a'))).toHaveLength(2)
  })
})
