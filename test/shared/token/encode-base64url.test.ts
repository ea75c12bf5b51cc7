// Base64url without padding for a few bytes. RFC 4648 sections 5 and 10.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase64url, encodeBase64url } from '../../../shared/token/base64url.ts'

test.each([
  ['', ''],
  ['f', 'Zg'],
  ['fo', 'Zm8'],
  ['foobar', 'Zm9vYmFy'],
])('the test vector %j', (text, encoded) => {
  expect(encodeBase64url(new TextEncoder().encode(text))).toBe(encoded)
})

test('both characters of its own alphabet', () => {
  expect(encodeBase64url(Uint8Array.of(0xfb, 0xff, 0xfb, 0xff))).toBe('-__7_w')
})

test('decodes to the same bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 32 }), (bytes) => {
      expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes)
    }),
  )
})
