// Which entries of a published key set may not verify signatures.

import { KEY_TYPES } from '../../../shared/keys/key-types/all.ts'
import { base64url } from 'jose'
import { beforeAll, describe, expect, test } from 'vitest'
import { findKeyProblem } from '../../../shared/keys/key-problems.ts'
import type { KeyProblem } from '../../../shared/keys/key-types/key-type.ts'
import { rocaModulus } from '../../support/hostile-keys.ts'
import { ALLOWED, generateKeysOfEachKind } from '../../support/keys-of-each-kind.ts'
import type { SigningKey } from '../../support/test-issuer.ts'

type Jwk = Record<string, unknown>

let rsa: SigningKey
let ec: SigningKey
let ed: SigningKey

beforeAll(async () => {
  ;({ rsa, ec, ed } = await generateKeysOfEachKind())
})

/** 32 bytes from hexadecimal, in base64url, as the member `x`. */
const x = (hex: string) =>
  base64url.encode(Uint8Array.from(hex.match(/../g)!, (byte) => Number.parseInt(byte, 16)))

const bits = (count: number) => base64url.encode(new Uint8Array(count / 8).fill(0xc1))

describe('findKeyProblem', () => {
  test('accepts a good key of each kind', () => {
    for (const key of [rsa, ec, ed]) expect(findKeyProblem(key.publicJwk, ALLOWED, KEY_TYPES)).toBeNull()
  })

  test.each<[string, KeyProblem, (keys: { rsa: Jwk; ec: Jwk; ed: Jwk }) => unknown]>([
    ['null', 'not_a_key', () => null],
    ['a list', 'not_a_key', () => []],
    ['a text', 'not_a_key', () => 'key'],
    ['a symmetric key', 'symmetric', () => ({ kty: 'oct', k: '' })],
    ['a private RSA key', 'private', ({ rsa }) => ({ ...rsa, d: 'AQAB' })],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'].map(
      (name): [string, KeyProblem, (keys: { rsa: Jwk }) => unknown] => [
        `the private member ${name}`,
        'private',
        ({ rsa }) => ({ ...rsa, [name]: 'AQAB' }),
      ],
    ),
    ['2047 bits', 'rsa_size', ({ rsa }) => ({ ...rsa, n: base64url.encode(new Uint8Array(256).fill(0x7f)) })],
    ['a private EC key', 'private', ({ ec }) => ({ ...ec, d: 'AQAB' })],
    ['a key for encryption', 'not_for_signatures', ({ rsa }) => ({ ...rsa, use: 'enc' })],
    ['a key that may only encrypt', 'not_for_signatures', ({ rsa }) => ({ ...rsa, key_ops: ['encrypt'] })],
    ['a kid that is a number', 'kid_malformed', ({ rsa }) => ({ ...rsa, kid: 7 })],
    ['an empty kid', 'kid_malformed', ({ rsa }) => ({ ...rsa, kid: '' })],
    ['an unknown kty', 'no_algorithm', ({ rsa }) => ({ ...rsa, kty: 'XYZ' })],
    ['no kty', 'no_algorithm', ({ rsa }) => ({ ...rsa, kty: undefined })],
    ['an alg that is not allowed', 'no_algorithm', ({ rsa }) => ({ ...rsa, alg: 'RS512' })],
    ['an alg for encryption', 'no_algorithm', ({ rsa }) => ({ ...rsa, alg: 'RSA-OAEP' })],
    ['a curve that is not allowed', 'no_algorithm', ({ ec }) => ({ ...ec, crv: 'P-384' })],
    ['no modulus', 'malformed', ({ rsa }) => ({ ...rsa, n: undefined })],
    ['a modulus in base64 with padding', 'malformed', ({ rsa }) => ({ ...rsa, n: `${rsa['n']}==` })],
    [
      'a modulus with a leading zero',
      'malformed',
      ({ rsa }) => ({ ...rsa, n: base64url.encode(new Uint8Array(257)) }),
    ],
    ['1024 bits', 'rsa_size', ({ rsa }) => ({ ...rsa, n: bits(1024) })],
    ['2040 bits', 'rsa_size', ({ rsa }) => ({ ...rsa, n: bits(2040) })],
    ['16384 bits', 'rsa_size', ({ rsa }) => ({ ...rsa, n: bits(16_384) })],
    ['e = 1', 'rsa_exponent', ({ rsa }) => ({ ...rsa, e: 'AQ' })],
    ['e = 2', 'rsa_exponent', ({ rsa }) => ({ ...rsa, e: 'Ag' })],
    [
      'e of 17 bytes',
      'rsa_exponent',
      ({ rsa }) => ({ ...rsa, e: base64url.encode(new Uint8Array(17).fill(1)) }),
    ],
    ['no y', 'malformed', ({ ec }) => ({ ...ec, y: undefined })],
    ['31 bytes of y', 'wrong_length', ({ ec }) => ({ ...ec, y: x('11'.repeat(31)) })],
    ['35 bytes of x, the first three zero', 'wrong_length', ({ ec }) => ({ ...ec, x: `AAAA${ec['x']}` })],
    ['32 bytes that are not on the curve', 'off_curve', ({ ec }) => ({ ...ec, y: ec['x'] })],
    ['32 bytes, greater than the modulus', 'off_curve', ({ ec }) => ({ ...ec, x: x('ff'.repeat(32)) })],
    ['31 bytes of x', 'wrong_length', ({ ed }) => ({ ...ed, x: x('11'.repeat(31)) })],
    ['order 1', 'small_order', ({ ed }) => ({ ...ed, x: x(`01${'00'.repeat(31)}`) })],
    ['order 1, sign bit set', 'small_order', ({ ed }) => ({ ...ed, x: x(`01${'00'.repeat(30)}80`) })],
    ['order 2', 'small_order', ({ ed }) => ({ ...ed, x: x(`ec${'ff'.repeat(30)}7f`) })],
    ['order 4', 'small_order', ({ ed }) => ({ ...ed, x: x('00'.repeat(32)) })],
    [
      'order 8',
      'small_order',
      ({ ed }) => ({ ...ed, x: x('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a') }),
    ],
    [
      'order 8, sign bit set',
      'small_order',
      ({ ed }) => ({ ...ed, x: x('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa') }),
    ],
    [
      'order 8, the other',
      'small_order',
      ({ ed }) => ({ ...ed, x: x('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05') }),
    ],
    ['not canonical: p', 'small_order', ({ ed }) => ({ ...ed, x: x(`ed${'ff'.repeat(30)}7f`) })],
    ['not canonical: p + 1', 'small_order', ({ ed }) => ({ ...ed, x: x(`ee${'ff'.repeat(30)}7f`) })],
  ])('refuses %s as %s', (_, problem, make) => {
    expect(
      findKeyProblem(make({ rsa: rsa.publicJwk, ec: ec.publicJwk, ed: ed.publicJwk }), ALLOWED, KEY_TYPES),
    ).toBe(problem)
  })
})

test('a modulus with the fingerprint of a faulty generator is refused', () => {
  const modulus = rocaModulus()
  const jwk = (n: bigint) => ({ ...rsa.publicJwk, n: x(n.toString(16)) })
  expect(findKeyProblem(jwk(modulus), ALLOWED, KEY_TYPES)).toBe('rsa_roca')
  expect(findKeyProblem(jwk(modulus + 2n), ALLOWED, KEY_TYPES)).toBeNull()
})
