// Verifies one MAC with one secret, and checks nothing else. The HMAC key is made here from the bytes of the secret and
// used nowhere else, so no key of a JWK ever verifies a MAC. RFC 7515 section 5.2; RFC 7518 section 3.2.

import { MAC_ALGORITHMS, type MacAlgorithm } from './algorithms.ts'
import type { ParsedToken } from './compact.ts'
import { toSignedBytes } from './signed-bytes.ts'

/**
 * Verifies with WebCrypto, which compares in constant time. An error of WebCrypto counts as a MAC that does not verify.
 */
export async function verifyMac(
  token: ParsedToken,
  algorithm: MacAlgorithm,
  secret: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const { hash } = MAC_ALGORITHMS[algorithm]
    const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash }, false, ['verify'])
    const { signature, signingInput } = toSignedBytes(token)
    return await crypto.subtle.verify('HMAC', key, signature, signingInput)
  } catch {
    return false
  }
}
