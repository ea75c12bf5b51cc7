// Cryptography that every platform has: WebCrypto for public keys and signatures. HMAC is from @noble/hashes, because
// WebCrypto returns a promise, and the log line is written before that settles: docs/adr/0004.

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { AlgorithmRow, KeyType } from '../keys/key-types/key-type.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import type { Cryptography } from './ports.ts'

/** WebCrypto for the algorithms of some key types. */
export function createWebCrypto(keyTypes: readonly KeyType[]): Cryptography {
  const rowOf = (algorithm: SignatureAlgorithm): AlgorithmRow =>
    keyTypes.find(({ algorithms }) => algorithm in algorithms)!.algorithms[algorithm]!

  return {
    importKey: async (jwk, algorithm) =>
      crypto.subtle.importKey('jwk', jwk as JsonWebKey, rowOf(algorithm).import, true, ['verify']),
    importSpki: async (der, algorithm) =>
      crypto.subtle.importKey('spki', der, rowOf(algorithm).import, true, ['verify']),
    verify: (algorithm, key, signature, signingInput) =>
      crypto.subtle.verify(rowOf(algorithm).verify, key as CryptoKey, signature, signingInput),
    hmacSha256(key) {
      // The part that depends on the key alone is computed once.
      const keyed = hmac.create(sha256, key)
      return (message) => keyed.clone().update(message).digest()
    },
    sha256,
  }
}
