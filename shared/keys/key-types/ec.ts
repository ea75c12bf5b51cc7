// EC keys: ECDSA. Refuses points that are not on the curve. RFC 7518 sections 3.4 and 6.2.

import { findPointProblem } from '../curve.ts'
import { member } from '../../token/strict-json.ts'
import { bytesOf } from './member-bytes.ts'
import type { AlgorithmRow, KeyType } from './key-type.ts'

const ecdsa = (bits: 256 | 384 | 512, crv: string): AlgorithmRow => ({
  crv,
  keyAlg: [`ES${bits}`],
  import: { name: 'ECDSA', namedCurve: crv },
  verify: { name: 'ECDSA', hash: `SHA-${bits}` },
})

export const EC: KeyType = {
  kty: 'EC',
  publicMembers: ['crv', 'x', 'y'],
  algorithms: { ES256: ecdsa(256, 'P-256'), ES384: ecdsa(384, 'P-384'), ES512: ecdsa(512, 'P-521') },
  findProblem(jwk) {
    const x = bytesOf(jwk, 'x')
    const y = bytesOf(jwk, 'y')
    return x === null || y === null ? 'malformed' : findPointProblem(String(member(jwk, 'crv')), x, y)
  },
}
