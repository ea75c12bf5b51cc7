// Cryptography as every platform has it: public keys and signatures by WebCrypto, which jose hands them to. A keyed hash
// of its own, because WebCrypto's comes with a promise, and by the time that it is kept the log line has been written.

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { CryptoKey } from 'jose'
import { importJWK } from 'jose/key/import'
import type { Cryptography } from './ports.ts'
import { ALGORITHMS } from '../token/algorithms.ts'

export const webCrypto: Cryptography = {
  importKey: async (jwk, algorithm) => (await importJWK(jwk, algorithm)) as CryptoKey,
  verify: (algorithm, key, signature, signingInput) =>
    crypto.subtle.verify(ALGORITHMS[algorithm].verify, key as CryptoKey, signature, signingInput),
  hmacSha256(key) {
    // What depends on the key alone is worked out once.
    const keyed = hmac.create(sha256, key)
    return (message) => keyed.clone().update(message).digest()
  },
}
