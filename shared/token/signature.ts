// Verifies one signature with one key, and checks nothing else. RFC 7515 section 5.2.

import type { Cryptography, VerificationKey } from '../platform/ports.ts'
import type { ParsedToken } from './compact.ts'
import type { SignatureAlgorithm } from './algorithms.ts'
import { toSignedBytes } from './signed-bytes.ts'

const no = (): boolean => false

/** An error of the cryptography counts as a signature that does not verify. */
export function verifySignature(
  token: ParsedToken,
  algorithm: SignatureAlgorithm,
  key: VerificationKey,
  crypto: Cryptography,
): boolean | Promise<boolean> {
  try {
    const { signature, signingInput } = toSignedBytes(token)
    const result = crypto.verify(algorithm, key, signature, signingInput)
    return result instanceof Promise ? result.catch(no) : result
  } catch {
    return false
  }
}
