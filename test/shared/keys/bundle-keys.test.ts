// The keys that `lanekeeper build` puts into a plan: what it takes from a key server, what it refuses, and where the
// plan has it. What an edge does with them: test/edges/bundled-keys.test.ts.

import { createHash, generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nodeCryptoSync } from '../../../functions/node/crypto.ts'
import { bundleKeys } from '../../../shared/compiler.ts'
import { planOf } from '../../../shared/config/compile.ts'
import { partsOf } from '../../../shared/config/parts-of.ts'
import { fill } from '../../../shared/edge.ts'
import {
  resolveConfig,
  webCrypto,
  type LanekeeperConfig,
  type PublicKeySource,
} from '../../../shared/index.ts'
import { generateKey, signCompact, startTestIssuer, type TestIssuer } from '../../support/test-issuer.ts'

const BUNDLED = { maxAgeSeconds: 86_400 }
const T = 1_800_000_000_000

let issuer: TestIssuer

beforeEach(async () => {
  issuer = await startTestIssuer({ audience: 'https://api.test.example', keys: [] })
})

afterEach(() => issuer.close())

const configWith = (
  keys: PublicKeySource = { jwks_uri: issuer.jwksUri, bundled: BUNDLED },
  algorithms: readonly string[] = ['RS256', 'ES256'],
): LanekeeperConfig =>
  ({
    issuers: {
      main: { issuer: issuer.issuer, audience: 'a', profile: 'rfc9068', keys, algorithms },
    },
    routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
  }) as LanekeeperConfig

const bundle = (config: LanekeeperConfig) => bundleKeys(resolveConfig(config), { fetch, now: () => T })

const thumbprintOf = ({ kty, n, e, crv, x, y }: Record<string, unknown>): string =>
  createHash('sha256')
    .update(JSON.stringify(kty === 'RSA' ? { e, kty, n } : { crv, kty, x, y }))
    .digest('base64url')

test('the usable keys are taken, with the time, and each is named for people', async () => {
  const [rsa, ec] = await Promise.all([generateKey('RS256', 'r'), generateKey('ES256', 'e')])
  const { alg: _, ...anyAlgorithm } = rsa.publicJwk
  issuer.publish([null, { ...ec.publicJwk, d: 'AQAB', kid: 'private' }, anyAlgorithm, ec.publicJwk])
  const { bundledKeys, keys, problems } = await bundle(configWith(undefined, ['RS256', 'PS256', 'ES256']))
  expect(problems).toEqual([])
  expect(keys).toEqual([
    { issuer: 'main', kid: 'r', thumbprint: thumbprintOf(rsa.publicJwk), algorithms: ['RS256', 'PS256'] },
    { issuer: 'main', kid: 'e', thumbprint: thumbprintOf(ec.publicJwk), algorithms: ['ES256'] },
  ])
  expect(Object.keys(bundledKeys!)).toEqual(['main'])
  const { fetchedAt, keys: planned } = bundledKeys!['main']!
  expect(fetchedAt).toBe(T)
  expect(planned.map(({ kid, issuer: owner, algorithms }) => [kid, owner, algorithms])).toEqual([
    ['r', null, ['RS256', 'PS256']],
    ['e', null, ['ES256']],
  ])
  expect(planned.map(({ material }) => Object.keys(JSON.parse(material)))).toEqual([
    ['kty', 'n', 'e'],
    ['kty', 'crv', 'x', 'y'],
  ])
  expect(issuer.fetches()).toBe(1)
})

test.each(['RS256', 'RS512', 'PS256', 'ES256', 'EdDSA'] as const)(
  'a key for %s verifies as it is in the plan, in each runtime',
  async (algorithm) => {
    const [key, other] = await Promise.all([generateKey(algorithm, 'k'), generateKey(algorithm, 'k')])
    issuer.publish([key.publicJwk])
    const { bundledKeys } = await bundle(configWith(undefined, [algorithm]))
    const [planned] = bundledKeys!['main']!.keys
    const der = Uint8Array.from(Buffer.from(planned!.spki, 'base64url'))
    expect(planned!.algorithms).toEqual([algorithm])
    for (const crypto of [webCrypto, nodeCryptoSync]) {
      const imported = await crypto.importSpki!(der, algorithm)
      const verdictOf = async (signer: typeof key) => {
        const parts = (await signCompact(signer, {}, {})).split('.')
        const signature = Uint8Array.from(Buffer.from(parts[2]!, 'base64url'))
        const signingInput = Uint8Array.from(Buffer.from(`${parts[0]}.${parts[1]}`))
        return crypto.verify(algorithm, imported, signature, signingInput)
      }
      expect(await verdictOf(key)).toBe(true)
      expect(await verdictOf(other)).toBe(false)
    }
  },
)

test('metadata names the key set', async () => {
  issuer.publish([(await generateKey('ES256', 'e')).publicJwk])
  const { bundledKeys, problems } = await bundle(
    configWith({ discovery: 'openid-configuration', bundled: BUNDLED }),
  )
  expect(problems).toEqual([])
  expect(bundledKeys!['main']!.keys).toHaveLength(1)
})

test('without `bundled` nothing is fetched', async () => {
  expect(await bundle(configWith({ jwks_uri: issuer.jwksUri }))).toEqual({ keys: [], problems: [] })
  expect(issuer.requests()).toBe(0)
})

describe('a build without keys has a problem of the setting:', () => {
  const P = 'issuers.main.keys.bundled'
  const problemsOf = async (config = configWith()) => (await bundle(config)).problems

  test('the key server refuses', async () => {
    issuer.answerWith((_, response) => void response.writeHead(403).end())
    expect(await problemsOf()).toEqual([
      { path: P, message: `cannot be fetched from ${new URL(issuer.issuer).host}: status (status 403)` },
    ])
  })

  test('nobody answers', async () => {
    await issuer.close()
    expect(await problemsOf()).toEqual([
      { path: P, message: `cannot be fetched from ${new URL(issuer.issuer).host}: no_answer` },
    ])
    issuer = await startTestIssuer({ audience: 'a', keys: [] })
  })

  test('the metadata is of another issuer', async () => {
    issuer.answerWith((_, response) => void response.end('{"issuer":"https://evil.example"}'))
    expect(await problemsOf(configWith({ discovery: 'openid-configuration', bundled: BUNDLED }))).toEqual([
      {
        path: P,
        message: `cannot be fetched from ${new URL(issuer.issuer).host}: metadata_issuer (status 200)`,
      },
    ])
  })

  test('no key is usable', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    issuer.publish([publicKey.export({ format: 'jwk' }), null])
    expect(await problemsOf()).toEqual([
      { path: P, message: 'has no usable key; the issuer publishes: rsa_size, not_a_key' },
    ])
  })

  test('the address is not known yet', async () => {
    const config = resolveConfig(configWith())
    const [main] = config.issuers.values()
    const unknown = { ...main!, keys: { ...main!.keys, source: { jwks_uri: '' } } } as typeof main
    const issuers = new Map([['x', unknown!]])
    expect((await bundleKeys({ issuers }, { fetch, now: () => T })).problems).toEqual([
      {
        path: P,
        message: 'needs the address of the keys when it is built: give its variables to the build',
      },
    ])
  })

  test('of the one issuer that has no keys, while the other is bundled', async () => {
    issuer.publish([(await generateKey('ES256', 'e')).publicJwk])
    const good = configWith()
    const main = good.issuers['main']!
    const down = {
      ...main,
      issuer: `${issuer.issuer}/down`,
      keys: { jwks_uri: `${issuer.issuer}/none`, bundled: BUNDLED },
    }
    const result = await bundle({ ...good, issuers: { down, main } as LanekeeperConfig['issuers'] })
    expect(result.problems.map(({ path }) => path)).toEqual(['issuers.down.keys.bundled'])
    expect(Object.keys(result.bundledKeys!)).toEqual(['main'])
  })
})

test('tenants of one entry share one set, which says whose each key is', async () => {
  const key = await generateKey('RS256', 'k')
  const tenants = ['11111111-1111-1111-1111-111111111111', '22222222-2222-2222-2222-222222222222']
  const keyIssuer = 'https://login.microsoftonline.com/{tenantid}/v2.0'
  issuer.publish([{ ...key.publicJwk, issuer: keyIssuer }])
  const config = {
    ...configWith(),
    issuers: {
      entra: {
        issuer: keyIssuer,
        audience: 'a',
        profile: 'entra-v2',
        keys: { jwks_uri: issuer.jwksUri, bundled: BUNDLED },
        tenants,
        keyIssuer,
      },
    },
  } as LanekeeperConfig
  const { bundledKeys, problems } = await bundle(config)
  expect(problems).toEqual([])
  expect(issuer.fetches()).toBe(1)
  expect(bundledKeys!['entra']!.keys.map(({ issuer: owner }) => owner)).toEqual([keyIssuer])
})

describe('the plan', () => {
  test('has the same hash whatever keys are in it, and another for another age', async () => {
    issuer.publish([(await generateKey('ES256', 'e')).publicJwk])
    const config = resolveConfig(configWith())
    const { bundledKeys } = await bundleKeys(config, { fetch, now: () => T })
    const plan = planOf(config)
    expect({ ...plan, bundledKeys }.hash).toBe(plan.hash)
    const older = configWith({ jwks_uri: issuer.jwksUri, bundled: { maxAgeSeconds: 60 } })
    expect(planOf(resolveConfig(older)).hash).not.toBe(plan.hash)
  })

  test('gives an edge the keys as the build has written them', async () => {
    issuer.publish([(await generateKey('ES256', 'e')).publicJwk])
    const config = resolveConfig(configWith())
    const { bundledKeys } = await bundleKeys(config, { fetch, now: () => T })
    const read = JSON.parse(JSON.stringify({ ...planOf(config), bundledKeys }))
    expect(fill(read, null, {}).bundledKeys).toEqual(bundledKeys)
    expect(fill(planOf(config), null, {}).bundledKeys).toBeUndefined()
  })

  test('uses the part for them, and says why', () => {
    const partsFor = (keys: PublicKeySource) =>
      partsOf(resolveConfig(configWith(keys))).filter(({ name }) => name === 'bundled-keys')
    expect(partsFor({ jwks_uri: issuer.jwksUri, bundled: BUNDLED })).toEqual([
      { name: 'bundled-keys', because: 'issuers.main.keys.bundled' },
    ])
    expect(partsFor({ jwks_uri: issuer.jwksUri })).toEqual([])
  })
})
