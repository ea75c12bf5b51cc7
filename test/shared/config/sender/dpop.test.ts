// The section `dpop`, `senderConstraint` and `replay`: their words, bounds and defaults, and what a plan has of them.

import { describe, expect, test } from 'vitest'
import { AWS_EDGE } from '../../../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE } from '../../../../functions/cloudflare/compile.ts'
import { compileFor, type EdgeCompiler } from '../../../../shared/compiler.ts'
import { partsOf } from '../../../../shared/config/parts-of.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../../shared/index.ts'
import { GOOD, problemsOf, withMember } from '../../../support/config-problems.ts'

const BOUND: LanekeeperConfig = {
  ...GOOD,
  issuers: { main: { ...GOOD.issuers['main']!, senderConstraint: 'any' } as never },
  publicUrls: ['https://api.example.com'],
}
const withDpop = (dpop: unknown) => ({ ...BOUND, dpop }) as LanekeeperConfig

test('the defaults', () => {
  expect(resolveConfig(BOUND).dpop).toEqual({
    algorithms: new Set(['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256']),
    maxAgeSeconds: 300,
    futureSeconds: 30,
    nonce: null,
    replay: { durableObject: null, dynamodb: null, memoryBytes: 8_388_608 },
  })
})

const SECRET_IS_MISSING = 'is missing; say where it is: { env }, { secretsStore } or { secretsManager }'
const KEY = { secretsStore: 'KEY' }
const ALGORITHMS = 'RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, Ed25519'

test.each<[refused: unknown, taken: unknown, problem: string]>([
  ['x', {}, 'dpop: must be an object'],
  [
    { algs: ['ES256'] },
    { algorithms: ['ES256'] },
    'dpop.algs: is not a setting; known here: algorithms, maxAgeSeconds, futureSeconds, nonce, replay',
  ],
  [
    { algorithms: [] },
    { algorithms: ['ES256'] },
    'dpop.algorithms: must be a list of at least one non-empty string',
  ],
  [
    { algorithms: ['ES256', 'ES256'] },
    { algorithms: ['ES256', 'ES384'] },
    'dpop.algorithms: lists "ES256" twice',
  ],
  [
    { algorithms: ['es256'] },
    { algorithms: ['ES256'] },
    `dpop.algorithms: has "es256"; possible: ${ALGORITHMS}`,
  ],
  [
    { algorithms: ['HS256'] },
    { algorithms: ['RS256'] },
    `dpop.algorithms: has "HS256"; possible: ${ALGORITHMS}`,
  ],
  [
    { algorithms: ['none'] },
    { algorithms: ['PS256'] },
    `dpop.algorithms: has "none"; possible: ${ALGORITHMS}`,
  ],
  [{ nonce: {} }, { nonce: { key: KEY } }, `dpop.nonce.key: ${SECRET_IS_MISSING}`],
  [
    { nonce: { previousKey: KEY } },
    { nonce: { key: KEY, previousKey: KEY } },
    `dpop.nonce.key: ${SECRET_IS_MISSING}`,
  ],
  [
    { nonce: { key: 'k' } },
    { nonce: { key: KEY } },
    'dpop.nonce.key: must say where the secret is, never what it is: { env }, { secretsStore } or { secretsManager }',
  ],
  [
    { replay: { durableObject: '' } },
    { replay: { durableObject: 'REPLAYS' } },
    'dpop.replay.durableObject: must be the name of a binding',
  ],
  [
    { replay: { dynamodb: {} } },
    { replay: { dynamodb: { table: 'replays' } } },
    'dpop.replay.dynamodb.table: is missing',
  ],
  [{ maxAgeSeconds: 0 }, { maxAgeSeconds: 1 }, 'dpop.maxAgeSeconds: must be a whole number from 1 to 3600'],
  [{ futureSeconds: 301 }, { futureSeconds: 0 }, 'dpop.futureSeconds: must be a whole number from 0 to 300'],
])('dpop = %j is refused, %j is taken', (refused, taken, problem) => {
  expect(problemsOf(withDpop(refused))).toEqual([problem])
  expect(problemsOf(withDpop(taken))).toEqual([])
})

test('has no effect without an issuer that takes bound tokens', () => {
  expect(problemsOf({ ...GOOD, dpop: {} })).toEqual([
    'dpop: has no effect: no issuer has a senderConstraint that takes bound tokens',
  ])
  expect(problemsOf({ ...BOUND, dpop: {} })).toEqual([])
})

test.each(['tls', 'DPoP', true, null, ''])('senderConstraint of an issuer is not %j', (value) => {
  expect(problemsOf(withMember('issuers.main.senderConstraint', value))).toEqual([
    'issuers.main.senderConstraint: is not known; one of: none, any, dpop, mtls, bound',
  ])
  expect(problemsOf(withMember('issuers.main.senderConstraint', 'none'))).toEqual([])
})

test.each<[object, object, string]>([
  [
    { senderConstraint: 'x5t' },
    { senderConstraint: 'dpop' },
    'senderConstraint: is not known; one of: none, any, dpop, mtls, bound',
  ],
  [{ replay: 'isolate' }, { replay: 'strong' }, 'replay: is not known; one of: strong'],
])('of a route %j is refused, %j is taken', (refused, taken, problem) => {
  const withRoute = (route: object) => ({ ...BOUND, routes: [{ ...GOOD.routes[0]!, ...route }] })
  expect(problemsOf(withRoute(refused))).toEqual([`routes[0].${problem}`])
  expect(problemsOf(withRoute(taken))).toEqual([])
})

test.each([{ senderConstraint: 'dpop' }, { senderConstraint: 'mtls' }, { replay: 'strong' }])(
  '%j cannot stand on a public route',
  (more) => {
    const [name] = Object.keys(more)
    const route = { path: '/health', methods: ['GET'], public: true }
    expect(problemsOf({ ...BOUND, routes: [{ ...route, ...more }] })).toEqual([
      `routes[0].${name}: cannot stand on a public route`,
    ])
    expect(problemsOf({ ...BOUND, routes: [route] })).toEqual([])
  },
)

describe('an artefact has the key types of the algorithms', () => {
  test.each<[algorithm: string, keyType: string, ofAws: string]>([
    ['ES256', 'ec', 'aws/es'],
    ['ES512', 'ec', 'aws/es'],
    ['EdDSA', 'okp', 'aws/ed'],
    ['Ed25519', 'okp', 'aws/ed'],
    ['PS256', 'rsa', 'aws/ps'],
    ['RS256', 'rsa', 'aws/rs'],
  ])('%s needs %s, and %s on AWS', (algorithm, keyType, ofAws) => {
    const others = {
      issuers: { main: { ...BOUND.issuers['main']!, algorithms: [keyType === 'ec' ? 'EdDSA' : 'ES256'] } },
    }
    const config = {
      ...withDpop({ algorithms: [algorithm] }),
      ...others,
      aws: { strategy: 'off' },
    } as LanekeeperConfig
    const core = partsOf(resolveConfig(config))
    const because = `dpop.algorithms has ${algorithm}`
    expect(core).toContainEqual({ name: keyType, because })
    expect(core).toContainEqual({ name: 'dpop', because: 'senderConstraint' })
    expect(core.map(({ name }) => name)).not.toContain('dpop-nonces')
    expect(compileFor(AWS_EDGE, config, {}, true).parts).toContainEqual({ name: ofAws, because })
  })

  test('nonces are a part of their own', () => {
    const parts = partsOf(resolveConfig(withDpop({ nonce: { key: KEY } })))
    expect(parts).toContainEqual({ name: 'dpop-nonces', because: 'dpop.nonce' })
  })
})

const EDGES: readonly EdgeCompiler[] = [AWS_EDGE, CLOUDFLARE_EDGE]
const ORIGIN = { origin: { url: 'https://origin.example' }, aws: { strategy: 'off' } } as const

describe.each(EDGES.map((edge) => [edge.name, edge] as const))('a plan for %s', (name, edge) => {
  const planFor = (config: LanekeeperConfig) => compileFor(edge, { ...config, ...ORIGIN }, {}, true).plan

  test('has nothing of it without a sender constraint', () => {
    const text = JSON.stringify(planFor(GOOD))
    for (const word of ['dpop', 'senderConstraint', 'replay']) expect(text).not.toContain(word)
    const { issuers: _, ...rest } = planFor(withMember('issuers.main.senderConstraint', 'none'))
      .config as Record<string, unknown>
    expect(JSON.stringify(rest)).not.toMatch(/dpop|senderConstraint|replay/)
  })

  test('has the demands of issuers and routes, and of the section what the edge reads', () => {
    const { config } = planFor({
      ...BOUND,
      routes: [{ ...GOOD.routes[0]!, senderConstraint: 'dpop', replay: 'strong' } as never],
      dpop: {
        algorithms: ['ES256'],
        replay: { durableObject: 'REPLAYS', dynamodb: { table: 'replays' }, memoryBytes: 65_536 },
      },
    }) as unknown as { config: Record<string, any> }
    expect(config['routes']).toEqual([
      expect.objectContaining({ senderConstraint: 'dpop', replay: 'strong' }),
    ])
    expect(JSON.stringify(config['issuers'])).toContain('"senderConstraint":"any"')
    const { replay, ...others } = config['dpop']
    expect(others).toMatchObject({ maxAgeSeconds: 300, futureSeconds: 30 })
    expect(replay).toEqual({
      ...(name === 'aws' ? { dynamodb: { table: 'replays' } } : { durableObject: 'REPLAYS' }),
      memoryBytes: 65_536,
    })
  })
})

test('the Worker needs its store where a route has strong', () => {
  const routes = [{ ...GOOD.routes[0]!, replay: 'strong' } as never]
  const build = (dpop: LanekeeperConfig['dpop'] & {}, more: Partial<LanekeeperConfig> = { routes }) =>
    compileFor(CLOUDFLARE_EDGE, { ...BOUND, ...ORIGIN, ...more, dpop }, {}, true).parts
  expect(() => build({ replay: { dynamodb: { table: 'replays' } } })).toThrow(
    'dpop.replay.durableObject: is missing; a route has replay: "strong", for which the Worker asks the store through it',
  )
  expect(build({ replay: { durableObject: 'REPLAYS' } })).toContainEqual({
    name: 'cloudflare/replays',
    because: 'dpop.replay.durableObject',
  })
  expect(build({}, {}).map(({ name }) => name)).not.toContain('cloudflare/replays')
})
