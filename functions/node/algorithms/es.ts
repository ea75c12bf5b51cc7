// ECDSA. RFC 7518 section 3.4.

import { toEcdsaSignature } from '../ecdsa-signature.ts'
import type { NodeAlgorithm, NodeAlgorithms } from './algorithm.ts'

/**
 * `bytes`: of a signature, twice those of a coordinate. node:crypto could turn the two numbers of a signature into DER
 * itself; done here, verifying takes a quarter less time.
 */
const ecdsa = (bits: number, bytes: number): NodeAlgorithm => ({
  hash: `sha${bits}`,
  toSignature: (signature) => (signature.length === bytes ? toEcdsaSignature(signature) : null),
})

export const ES: NodeAlgorithms = { ES256: ecdsa(256, 64), ES384: ecdsa(384, 96), ES512: ecdsa(512, 132) }
