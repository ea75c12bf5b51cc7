// What is signed and the signature, as bytes, for as long as it takes to hand them to WebCrypto. RFC 7515 section 5.2.

import { decodeInto } from './base64url.ts'
import type { ParsedToken } from './compact.ts'

const LEAST_BYTES = 16_384
const ENCODER = new TextEncoder()

/**
 * One place for all tokens, one after the other: new memory for each costs more than filling it. That is safe because
 * WebCrypto takes copies of what it is given before it returns (Web Cryptography API section 14.3.4), and nothing else
 * happens between filling the place and handing it over.
 */
let place = new Uint8Array(LEAST_BYTES)

/** To be used at once: the next call writes over it. */
export function toSignedBytes({ signingInput, signature }: ParsedToken): {
  readonly signature: Uint8Array<ArrayBuffer>
  readonly signingInput: Uint8Array<ArrayBuffer>
} {
  // Nobody but a test signs anything but ASCII; three bytes are the most that UTF-8 has for a character here.
  const needed = signature.length + 3 * signingInput.length
  if (place.length < needed) place = new Uint8Array(needed)
  const length = decodeInto(signature, place)
  const { written } = ENCODER.encodeInto(signingInput, place.subarray(length))
  return { signature: place.subarray(0, length), signingInput: place.subarray(length, length + written) }
}
