// Is this signature by this key? Nothing else. RFC 7515 section 5.2.

import type { CryptoKey } from 'jose'
import type { Ports } from '../ports.ts'
import type { ParsedToken } from './compact.ts'
import { ALGORITHMS, type SignatureAlgorithm } from './algorithms.ts'
import { toSignedBytes } from './signed-bytes.ts'

/** What is done without `Ports.verify`. */
export const verifyWithWebCrypto: NonNullable<Ports['verify']> = (algorithm, key, signature, signingInput) =>
  crypto.subtle.verify(ALGORITHMS[algorithm].verify, key, signature, signingInput)

const no = (): boolean => false

/** Verifies, with WebCrypto unless told otherwise. A signature that cannot even be looked at is one that does not verify. */
export function verifySignature(
  token: ParsedToken,
  algorithm: SignatureAlgorithm,
  key: CryptoKey,
  verify: Ports['verify'] = verifyWithWebCrypto,
): boolean | Promise<boolean> {
  try {
    const { signature, signingInput } = toSignedBytes(token)
    const said = verify(algorithm, key, signature, signingInput)
    return said instanceof Promise ? said.catch(no) : said
  } catch {
    return false
  }
}
