// Cryptography that every platform has: WebCrypto for public keys (imported by jose) and signatures. HMAC is from
// @noble/hashes, because WebCrypto returns a promise, and the log line is written before that settles: docs/adr/0003
// and 0004.

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { CryptoKey } from 'jose'
import { importJWK } from 'jose/key/import'
import type { Cryptography } from './ports.ts'
import { ALGORITHMS } from '../token/algorithms.ts'

/**
 * `Cryptography` by WebCrypto; the default of `createAuthorizer`. Runs on every platform and defines which signatures
 * are valid: any other `Cryptography` must accept exactly the same.
 */
export const webCrypto: Cryptography = {
  importKey: async (jwk, algorithm) => (await importJWK(jwk, algorithm)) as CryptoKey,
  verify: (algorithm, key, signature, signingInput) =>
    crypto.subtle.verify(ALGORITHMS[algorithm].verify, key as CryptoKey, signature, signingInput),
  hmacSha256(key) {
    // The part that depends on the key alone is computed once.
    const keyed = hmac.create(sha256, key)
    return (message) => keyed.clone().update(message).digest()
  },
}
