// `Ports.crypto` by node:crypto, synchronous, for some algorithms.

import type { KeyObject } from 'node:crypto'
import type { Cryptography } from '../../shared/edge.ts'
import type { AlgorithmName, NodeAlgorithms } from './algorithms/algorithm.ts'

/** No import: that would read every export of the module, which takes a while. */
const { createHash, createHmac, createPublicKey, createSecretKey, verify } =
  process.getBuiltinModule('node:crypto')

export const hmacSha256: Cryptography['hmacSha256'] = (bytes) => {
  const key = createSecretKey(bytes)
  return (message) => createHmac('sha256', key).update(message).digest()
}

export const sha256: NonNullable<Cryptography['sha256']> = (message) =>
  createHash('sha256').update(message).digest()

/** `Cryptography` that is synchronous, for these algorithms. */
export function createNodeCryptoSync(algorithms: NodeAlgorithms): Cryptography {
  const prepare = (key: KeyObject, algorithm: AlgorithmName): KeyObject =>
    algorithms[algorithm]!.prepareKey?.(key) ?? key

  return {
    hmacSha256,
    sha256,
    importKey: (jwk, algorithm) => prepare(createPublicKey({ key: jwk, format: 'jwk' }), algorithm),
    importSpki: (der, algorithm) =>
      prepare(createPublicKey({ key: der as Buffer, format: 'der', type: 'spki' }), algorithm),
    verify(algorithm, key, jwsSignature, signingInput) {
      const { hash, toSignature } = algorithms[algorithm]!
      const signature = toSignature === undefined ? jwsSignature : toSignature(jwsSignature)
      return signature !== null && verify(hash, signingInput, key as KeyObject, signature)
    },
  }
}
