// RSASSA-PSS. RFC 7518 section 3.5.

import { toPssKeyInfo } from '../der.ts'
import type { NodeAlgorithm, NodeAlgorithms } from './algorithm.ts'

const { createPublicKey } = process.getBuiltinModule('node:crypto')

/** Passing the parameters with each signature instead takes half as long again as verifying one. */
const pss = (bits: 256 | 384 | 512): NodeAlgorithm => ({
  hash: `sha${bits}`,
  prepareKey(key) {
    const plain = key.export({ format: 'der', type: 'pkcs1' })
    const info = toPssKeyInfo(plain, { hash: `sha${bits}`, saltLength: bits / 8 })
    return createPublicKey({ key: Buffer.from(info), format: 'der', type: 'spki' })
  },
})

export const PS: NodeAlgorithms = { PS256: pss(256), PS384: pss(384), PS512: pss(512) }
