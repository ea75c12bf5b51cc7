// The key in a proof: its name, and how often it is imported. What the rows cannot see, because its outcome is the
// same.

import { beforeEach, describe, expect, test } from 'vitest'
import { KEY_TYPES } from '../../../../shared/keys/key-types/all.ts'
import { createProofKeys, type ProofKey, type ProofKeys } from '../../../../shared/sender/dpop/proof-key.ts'
import type { SignatureAlgorithm } from '../../../../shared/token/algorithms.ts'
import { webCrypto, type Ports } from '../../../../shared/index.ts'
import { createClientKey, thumbprintOf, type ProofAlgorithm } from '../../../support/dpop-proofs.ts'

const ALGORITHMS = new Set<SignatureAlgorithm>(['ES256', 'EdDSA', 'PS256', 'RS256'])
/** How many imported keys are kept. */
const MOST = 1_024

let imports: object[]
let isBroken = false
let keys: ProofKeys

const crypto: Ports['crypto'] = {
  ...webCrypto,
  importKey(jwk, algorithm) {
    imports.push({ ...jwk, algorithm })
    if (isBroken) throw new Error('the platform finds no key')
    return webCrypto.importKey(jwk, algorithm)
  },
}

beforeEach(() => {
  imports = []
  isBroken = false
  keys = createProofKeys({ algorithms: ALGORITHMS }, { crypto, now: Date.now }, KEY_TYPES)
})

function read(jwk: unknown, algorithm: SignatureAlgorithm = 'ES256'): ProofKey {
  const key = keys.read(jwk, algorithm)
  if ('problem' in key) throw new Error(key.problem)
  return key
}

/** RFC 7638 section 3.1. */
const EXAMPLE = {
  kty: 'RSA',
  n: '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw',
  e: 'AQAB',
  alg: 'RS256',
  kid: '2011-04-29',
}

describe('the thumbprint', () => {
  test('is that of RFC 7638 section 3.1, whatever other members the key has, in any order', () => {
    const thumbprint = 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs'
    expect(read(EXAMPLE, 'RS256').thumbprint).toBe(thumbprint)
    const reversed = Object.fromEntries(Object.entries({ ...EXAMPLE, use: 'sig', x: 'y' }).toReversed())
    expect(read(reversed, 'RS256').thumbprint).toBe(thumbprint)
  })

  test.each(['ES256', 'EdDSA', 'RS256'] as const)('of a key for %s', (algorithm) => {
    const { jwk } = createClientKey(algorithm)
    expect(read(jwk, algorithm).thumbprint).toBe(thumbprintOf(jwk))
  })
})

describe('the import', () => {
  const { jwk } = createClientKey('ES256')

  test('of a key happens once, and only when it is needed', async () => {
    const first = read(jwk)
    expect(imports).toEqual([])
    await first.load()
    await first.load()
    await read({ ...jwk, kid: 'x' }).load()
    expect(imports).toEqual([{ ...jwk, algorithm: 'ES256' }])
  })

  test('is made for each algorithm, so that a key of one does not verify another', async () => {
    const { jwk: rsa } = createClientKey('RS256')
    await read(rsa, 'RS256').load()
    await read(rsa, 'PS256').load()
    expect(imports).toEqual([
      { ...rsa, algorithm: 'RS256' },
      { ...rsa, algorithm: 'PS256' },
    ])
  })

  test('gets the members of a public key alone', async () => {
    await read({ ...jwk, kid: 'x', use: 'sig', key_ops: ['verify'], ext: false, x5c: ['AAAA'] }).load()
    expect(imports).toEqual([{ ...jwk, algorithm: 'ES256' }])
  })

  test('that fails is tried again', async () => {
    isBroken = true
    await expect(async () => read(jwk).load()).rejects.toThrow('no key')
    isBroken = false
    await read(jwk).load()
    await read(jwk).load()
    expect(imports).toHaveLength(2)
  })

  test('of many keys: the least recently used is forgotten, and no other', async () => {
    const { jwk: other } = createClientKey('ES256')
    await read(jwk).load()
    await read(other).load()
    for (let index = 0; index < MOST - 1; index++) {
      await read(createClientKey('EdDSA').jwk, 'EdDSA').load()
      await read(other).load()
    }
    expect(imports).toHaveLength(MOST + 1)
    await read(other).load()
    expect(imports).toHaveLength(MOST + 1)
    await read(jwk).load()
    expect(imports).toHaveLength(MOST + 2)
  })
})

describe('a key that may not verify', () => {
  const { jwk, privateJwk } = createClientKey('ES256')
  const { jwk: rsa } = createClientKey('RS256')

  test.each<[string, unknown, ProofAlgorithm, string]>([
    ['private', privateJwk, 'ES256', 'private'],
    ['with k', { ...jwk, k: 'AA' }, 'ES256', 'private'],
    ['symmetric', { kty: 'oct', k: 'AA' }, 'ES256', 'private'],
    ['for encryption', { ...jwk, use: 'enc' }, 'ES256', 'not_for_signatures'],
    ['of another algorithm', { ...jwk, alg: 'ES384' }, 'ES256', 'no_algorithm'],
    ['of another type', rsa, 'ES256', 'no_algorithm'],
    ['off the curve', { ...jwk, y: jwk['x'] }, 'ES256', 'off_curve'],
    ['null', null, 'ES256', 'not_a_key'],
  ])('%s: the reason, and no import', (_, key, algorithm, problem) => {
    expect(keys.read(key, algorithm)).toEqual({ problem })
    expect(imports).toEqual([])
  })

  test.each([
    ['private', { ...jwk, d: privateJwk['d'] }, 'private'],
    ['for encryption', { ...jwk, use: 'enc' }, 'not_for_signatures'],
    ['of another algorithm', { ...jwk, alg: 'ES384' }, 'no_algorithm'],
  ])('%s: the same reason where its public part has been imported', async (_, key, problem) => {
    await read(jwk).load()
    expect(keys.read(key, 'ES256')).toEqual({ problem })
  })
})
