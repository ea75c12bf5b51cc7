// Part: nonces in DPoP proofs (`dpop.nonce`).

import { createStatelessNonces } from '../sender/dpop/stateless-nonces.ts'
import type { Part } from './parts.ts'

export const dpopNonces: Part = { dpopNonces: createStatelessNonces }
