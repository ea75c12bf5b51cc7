// OKP keys: Ed25519. Refuses public keys of small order. RFC 8037 sections 2 and 3.1; RFC 9864 section 2.2.

import type { JsonObject } from '../../token/strict-json.ts'
import { bytesOf } from './member-bytes.ts'
import type { AlgorithmRow, KeyProblem, KeyType } from './key-type.ts'

/**
 * The y coordinates of the points of order 1, 2, 4 and 8 on edwards25519: with such a public key some signatures verify
 * for every message. Values of p and above are not canonical and are refused, too. RFC 8032 section 5.1.3; FIPS 186-5
 * section 7.8.2.
 */
const SMALL_ORDER_Y = /* @__PURE__ */ new Set([
  0n,
  1n,
  2n ** 255n - 20n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
])

function findEd25519Problem(jwk: JsonObject): KeyProblem | null {
  const x = bytesOf(jwk, 'x')
  if (x === null) return 'malformed'
  if (x.length !== 32) return 'wrong_length'
  const encoded = x.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  const y = encoded & (2n ** 255n - 1n)
  return y >= 2n ** 255n - 19n || SMALL_ORDER_Y.has(y) ? 'small_order' : null
}

const ed25519: AlgorithmRow = {
  crv: 'Ed25519',
  keyAlg: ['EdDSA', 'Ed25519'],
  import: { name: 'Ed25519' },
  verify: { name: 'Ed25519' },
}

export const OKP: KeyType = {
  kty: 'OKP',
  publicMembers: ['crv', 'x'],
  algorithms: { EdDSA: ed25519, Ed25519: ed25519 },
  findProblem: findEd25519Problem,
}
