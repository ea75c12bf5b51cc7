// RSASSA-PKCS1-v1_5, the default of node:crypto for RSA keys. RFC 7518 section 3.3.

import type { NodeAlgorithms } from './algorithm.ts'

export const RS: NodeAlgorithms = {
  RS256: { hash: 'sha256' },
  RS384: { hash: 'sha384' },
  RS512: { hash: 'sha512' },
}
