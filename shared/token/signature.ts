// Is this signature by this key? Nothing else. RFC 7515 section 5.2.

import type { CryptoKey } from 'jose'
import type { ParsedToken } from './compact.ts'
import { ALGORITHMS, type SignatureAlgorithm } from './algorithms.ts'
import { toSignedBytes } from './signed-bytes.ts'

/** Verifies with WebCrypto. A signature that WebCrypto cannot even look at is one that does not verify. */
export async function verifySignature(
  token: ParsedToken,
  algorithm: SignatureAlgorithm,
  key: CryptoKey,
): Promise<boolean> {
  try {
    const { signature, signingInput } = toSignedBytes(token)
    return await crypto.subtle.verify(ALGORITHMS[algorithm].verify, key, signature, signingInput)
  } catch {
    return false
  }
}
