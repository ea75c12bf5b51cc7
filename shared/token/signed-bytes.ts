// The signing input and the signature of a token as bytes, for one call of WebCrypto. RFC 7515 section 5.2.

import { decodeInto } from './base64url.ts'
import type { ParsedToken } from './compact.ts'

const LEAST_BYTES = 16_384
const ENCODER = new TextEncoder()

/**
 * All tokens use this one buffer, one after the other, because allocating a new one takes longer than filling it. That
 * is safe: WebCrypto copies its arguments before it returns (Web Cryptography API section 14.3.4), and no other code
 * runs between filling the buffer and that call: docs/adr/0009.
 */
let buffer = new Uint8Array(LEAST_BYTES)

/** To be used at once: the next call overwrites it. */
export function toSignedBytes({ signingInput, signature }: ParsedToken): {
  readonly signature: Uint8Array<ArrayBuffer>
  readonly signingInput: Uint8Array<ArrayBuffer>
} {
  // A token is ASCII, except in tests. UTF-8 has at most three bytes for a UTF-16 code unit.
  const needed = signature.length + 3 * signingInput.length
  if (buffer.length < needed) buffer = new Uint8Array(needed)
  const length = decodeInto(signature, buffer)
  const { written } = ENCODER.encodeInto(signingInput, buffer.subarray(length))
  return { signature: buffer.subarray(0, length), signingInput: buffer.subarray(length, length + written) }
}
