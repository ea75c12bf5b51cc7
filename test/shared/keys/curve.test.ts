// The curve equation, tested with keys that a runtime has made.

import { describe, expect, test } from 'vitest'
import { base64url } from 'jose'
import { findPointProblem } from '../../../shared/keys/curve.ts'

describe.each(['P-256', 'P-384', 'P-521'])('%s', (crv) => {
  test.each([1, 2, 3])('a key is on it, and nothing near it is', async () => {
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: crv }, true, ['sign', 'verify'])
    const jwk = await crypto.subtle.exportKey('jwk', pair.publicKey)
    const [x, y] = [base64url.decode(jwk.x!), base64url.decode(jwk.y!)]
    expect(findPointProblem(crv, x, y)).toBeNull()
    expect(findPointProblem(crv, y, x)).toBe('off_curve')
    expect(findPointProblem(crv, x, y.with(-1, y.at(-1)! ^ 1))).toBe('off_curve')
    expect(findPointProblem(crv, x, y.subarray(1))).toBe('wrong_length')
    expect(findPointProblem(crv, x.subarray(1), y)).toBe('wrong_length')
    expect(findPointProblem(crv, x, Uint8Array.of(0, ...y))).toBe('wrong_length')
    expect(findPointProblem(crv === 'P-256' ? 'P-384' : 'P-256', x, y)).toBe('wrong_length')
    expect(findPointProblem('secp256k1', x, y)).toBe('off_curve')
  })

  test('no coordinate is as great as the modulus, and the origin is not on it', () => {
    const bytes = { 'P-256': 32, 'P-384': 48, 'P-521': 66 }[crv]!
    expect(findPointProblem(crv, new Uint8Array(bytes), new Uint8Array(bytes))).toBe('off_curve')
    const greatest = new Uint8Array(bytes).fill(255)
    expect(findPointProblem(crv, greatest, greatest)).toBe('off_curve')
  })
})
