// Ed25519. RFC 8037 section 3.1, RFC 9864 section 2.2.

import type { NodeAlgorithm, NodeAlgorithms } from './algorithm.ts'

const ed25519: NodeAlgorithm = { hash: null }

export const ED: NodeAlgorithms = { EdDSA: ed25519, Ed25519: ed25519 }
