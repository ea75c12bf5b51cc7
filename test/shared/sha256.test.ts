// SHA-256 and HMAC of ours say what those of the platform say, at every length around the edges of a block.

import { createHash, createHmac as createNodeHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createHmac, sha256 } from '../../shared/sha256.ts'

const bytes = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 167 + length) % 256)
const hex = (hash: Uint8Array) => Buffer.from(hash).toString('hex')
const LENGTHS = [0, 1, 3, 54, 55, 56, 57, 63, 64, 65, 118, 119, 120, 127, 128, 129, 1_000, 8_192]

test.each(LENGTHS)('SHA-256 of %i bytes', (length) => {
  expect(hex(sha256(bytes(length)))).toBe(createHash('sha256').update(bytes(length)).digest('hex'))
})

test.each([1, 32, 63, 64, 65, 200].flatMap((key) => LENGTHS.map((length) => [key, length] as const)))(
  'HMAC with a key of %i bytes of %i bytes',
  (key, length) => {
    const expected = createNodeHmac('sha256', bytes(key)).update(bytes(length)).digest('hex')
    const hmac = createHmac(bytes(key))
    expect([hex(hmac(bytes(length))), hex(hmac(bytes(length)))]).toEqual([expected, expected])
  },
)
