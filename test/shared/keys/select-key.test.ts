// Which key of a set is selected for a token.

import { KEY_TYPES } from '../../../shared/keys/key-types/all.ts'
import { beforeAll, describe, expect, test } from 'vitest'
import { webCrypto } from '../../../shared/index.ts'
import { problemsOf, readKeySet } from '../../../shared/keys/key-set.ts'
import { MAX_TRIED_KEYS, selectKey } from '../../../shared/keys/select-key.ts'
import type { SignatureAlgorithm } from '../../../shared/token/algorithms.ts'
import { generateKey, type SigningKey } from '../../support/test-issuer.ts'

type Jwk = Record<string, unknown>

const ALLOWED = new Set<SignatureAlgorithm>(['RS256', 'PS256', 'ES256', 'EdDSA'])

let rsa: SigningKey
let ec: SigningKey

beforeAll(async () => {
  ;[rsa, ec] = await Promise.all([generateKey('RS256', 'rsa'), generateKey('ES256', 'ec')])
})

describe('selectKey', () => {
  const select = async (jwks: Jwk[], kid: string | null, algorithm: SignatureAlgorithm) => {
    const set = await readKeySet(jwks, { allowed: ALLOWED, keyTypes: KEY_TYPES, crypto: webCrypto })
    const choice = selectKey(set, { kid, algorithm, owner: null })
    if (!('keys' in choice)) return choice
    const kids = choice.keys.map((one) => set.keys.find((key) => key.verifiers.get(algorithm) === one)!.kid)
    return kids.length === 1 ? kids[0] : kids
  }

  test('by kid and algorithm', async () => {
    const jwks = [rsa.publicJwk, ec.publicJwk]
    expect(await select(jwks, 'rsa', 'RS256')).toBe('rsa')
    expect(await select(jwks, 'ec', 'RS256')).toEqual({ none: 'mismatch' })
    expect(await select(jwks, 'none', 'RS256')).toEqual({ none: 'unknown' })
  })

  test('the algorithm selects between two kinds of key under one kid', async () => {
    const jwks = [
      { ...rsa.publicJwk, kid: 'k' },
      { ...ec.publicJwk, kid: 'k' },
    ]
    expect(await select(jwks, 'k', 'ES256')).toBe('k')
    expect(await select(jwks, 'k', 'EdDSA')).toEqual({ none: 'mismatch' })
  })

  test('without a kid up to four are all of them, and five are none', async () => {
    const five = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((kid) => generateKey('ES256', kid)))
    const jwks = [rsa.publicJwk, ...five.map(({ publicJwk }) => publicJwk)]
    expect(MAX_TRIED_KEYS).toBe(4)
    expect(await select(jwks.slice(0, 3), null, 'ES256')).toEqual(['a', 'b'])
    expect(await select(jwks.slice(0, 5), null, 'ES256')).toEqual(['a', 'b', 'c', 'd'])
    expect(await select([...jwks.slice(0, 5), { ...jwks[1]!, kid: 'a again' }], null, 'ES256')).toEqual([
      ...['a', 'b', 'c', 'd'],
    ])
    expect(await select(jwks, null, 'ES256')).toEqual({ unusable: 'no_kid' })
    expect(await select(jwks, null, 'RS256')).toBe('rsa')
    expect(await select(jwks, null, 'EdDSA')).toEqual({ none: 'mismatch' })
  })

  test('two matching keys under one kid are ambiguous', async () => {
    const twice = [rsa.publicJwk, { ...(await generateKey('RS256', 'rsa')).publicJwk }]
    expect(await select(twice, 'rsa', 'RS256')).toEqual({ unusable: 'duplicate_kid' })
  })

  test('one key published twice is one, however its entries differ', async () => {
    const { alg: _, ...open } = rsa.publicJwk
    const again = { use: 'sig', ...rsa.publicJwk }
    for (const other of [again, open, { x5t: 'x', ...open }]) {
      expect(await select([rsa.publicJwk, other], 'rsa', 'RS256')).toBe('rsa')
      expect(await select([other, rsa.publicJwk], null, 'RS256')).toBe('rsa')
      expect(
        problemsOf(
          await readKeySet([rsa.publicJwk, other], {
            allowed: ALLOWED,
            keyTypes: KEY_TYPES,
            crypto: webCrypto,
          }),
        ),
      ).toEqual([])
    }
    expect(await select([rsa.publicJwk, { ...rsa.publicJwk, kid: 'b' }], null, 'RS256')).toBe('rsa')
  })

  test('the kid of an unusable entry differs from an unknown kid', async () => {
    const broken = [rsa.publicJwk, { ...ec.publicJwk, d: 'AQAB' }]
    expect(await select(broken, 'ec', 'ES256')).toEqual({ unusable: 'private' })
    const unrelated = [rsa.publicJwk, { ...ec.publicJwk, use: 'enc' }]
    expect(await select(unrelated, 'ec', 'ES256')).toEqual({ none: 'mismatch' })
  })

  test('a key without a kid is not found by one', async () => {
    const { kid: _, ...anonymous } = rsa.publicJwk
    expect(await select([anonymous], 'rsa', 'RS256')).toEqual({ none: 'unknown' })
    expect(await select([anonymous], null, 'RS256')).toBeNull()
  })
})
