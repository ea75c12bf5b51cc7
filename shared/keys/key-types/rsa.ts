// RSA keys: RSASSA-PKCS1-v1_5 and RSASSA-PSS. Refuses sizes, exponents and moduli that are weak.
// RFC 7518 sections 3.3, 3.5 and 6.3.

import { hasRocaFingerprint } from '../roca.ts'
import { bytesOf } from './member-bytes.ts'
import type { AlgorithmRow, KeyProblem, KeyType } from './key-type.ts'
import type { JsonObject } from '../../token/strict-json.ts'

const rsa = (bits: 256 | 384 | 512): AlgorithmRow => ({
  keyAlg: [`RS${bits}`],
  import: { name: 'RSASSA-PKCS1-v1_5', hash: `SHA-${bits}` },
  verify: { name: 'RSASSA-PKCS1-v1_5' },
})

const pss = (bits: 256 | 384 | 512): AlgorithmRow => ({
  keyAlg: [`PS${bits}`],
  import: { name: 'RSA-PSS', hash: `SHA-${bits}` },
  verify: { name: 'RSA-PSS', saltLength: bits / 8 },
})

const bitLength = (number: Uint8Array): number =>
  number.length === 0 ? 0 : (number.length - 1) * 8 + (32 - Math.clz32(number[0]!))

function findRsaProblem(jwk: JsonObject): KeyProblem | null {
  const n = bytesOf(jwk, 'n')
  const e = bytesOf(jwk, 'e')
  if (n === null || e === null || n[0] === 0 || e[0] === 0) return 'malformed'
  const bits = bitLength(n)
  if (bits < 2048 || bits > 8192) return 'rsa_size'
  // Every WebCrypto takes these two. With e = 1 anybody could make a signature.
  const exponent = e.reduce((value, byte) => value * 256 + byte, 0)
  if (exponent !== 3 && exponent !== 65_537) return 'rsa_exponent'
  return hasRocaFingerprint(n) ? 'rsa_roca' : null
}

export const RSA: KeyType = {
  kty: 'RSA',
  publicMembers: ['n', 'e'],
  algorithms: {
    RS256: rsa(256),
    RS384: rsa(384),
    RS512: rsa(512),
    PS256: pss(256),
    PS384: pss(384),
    PS512: pss(512),
  },
  findProblem: findRsaProblem,
}
