// Is this signature by this key? Nothing else. RFC 7515 section 5.2.

import type { Cryptography, VerificationKey } from '../platform/ports.ts'
import type { ParsedToken } from './compact.ts'
import type { SignatureAlgorithm } from './algorithms.ts'
import { toSignedBytes } from './signed-bytes.ts'

const no = (): boolean => false

/** A signature that cannot even be looked at is one that does not verify. */
export function verifySignature(
  token: ParsedToken,
  algorithm: SignatureAlgorithm,
  key: VerificationKey,
  crypto: Cryptography,
): boolean | Promise<boolean> {
  try {
    const { signature, signingInput } = toSignedBytes(token)
    const said = crypto.verify(algorithm, key, signature, signingInput)
    return said instanceof Promise ? said.catch(no) : said
  } catch {
    return false
  }
}
