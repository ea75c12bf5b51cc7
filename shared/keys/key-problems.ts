// Why an entry of a key set may not verify signatures: it is no key, is private or symmetric, is for another use, has
// no algorithm that the issuer may use, or is broken or weak.
// RFC 7517 section 4; RFC 7518 sections 3.3 and 6; RFC 8037.

import { ALGORITHMS, type SignatureAlgorithm } from '../token/algorithms.ts'
import { decodeBase64url, findBase64urlProblem } from '../token/base64url.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'
import { findPointProblem } from './curve.ts'
import { hasRocaFingerprint } from './roca.ts'

export type KeyProblem =
  | 'not_a_key'
  | 'private'
  | 'symmetric'
  | 'not_for_signatures'
  | 'kid_malformed'
  | 'no_algorithm'
  | 'malformed'
  | 'rsa_size'
  | 'rsa_exponent'
  | 'rsa_roca'
  | 'wrong_length'
  | 'small_order'
  | 'off_curve'
  | 'import_failed'

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth']

/** Bytes of a member, without leading zeros where it is a number; `null` unless canonical base64url. */
function bytesOf(jwk: JsonObject, name: string): Uint8Array | null {
  const text = member(jwk, name)
  if (typeof text !== 'string' || text === '' || findBase64urlProblem(text) !== null) return null
  return decodeBase64url(text)
}

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

/**
 * The y coordinates of the points of order 1, 2, 4 and 8 on edwards25519: with such a public key some signatures verify
 * for every message. Values of p and above are not canonical and are refused, too. RFC 8032 section 5.1.3; FIPS 186-5
 * section 7.8.2.
 */
const SMALL_ORDER_Y = new Set([
  0n,
  1n,
  2n ** 255n - 20n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
])
const ED25519_P = 2n ** 255n - 19n

function findEd25519Problem(jwk: JsonObject): KeyProblem | null {
  const x = bytesOf(jwk, 'x')
  if (x === null) return 'malformed'
  if (x.length !== 32) return 'wrong_length'
  const encoded = x.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  const y = encoded & (2n ** 255n - 1n)
  return y >= ED25519_P || SMALL_ORDER_Y.has(y) ? 'small_order' : null
}

function findCurveProblem(jwk: JsonObject): KeyProblem | null {
  const x = bytesOf(jwk, 'x')
  const y = bytesOf(jwk, 'y')
  return x === null || y === null ? 'malformed' : findPointProblem(String(member(jwk, 'crv')), x, y)
}

const FIND_PROBLEM: Readonly<Record<string, (jwk: JsonObject) => KeyProblem | null>> = {
  RSA: findRsaProblem,
  EC: findCurveProblem,
  OKP: findEd25519Problem,
}

/** The algorithms that both the issuer and the key itself allow. */
export function algorithmsOf(
  jwk: JsonObject,
  allowed: ReadonlySet<SignatureAlgorithm>,
): SignatureAlgorithm[] {
  const keyAlgorithm = member(jwk, 'alg')
  return [...allowed].filter((algorithm) => {
    const row = ALGORITHMS[algorithm]
    if (row.kty !== member(jwk, 'kty') || (row.crv !== undefined && row.crv !== member(jwk, 'crv')))
      return false
    return keyAlgorithm === undefined || (row.keyAlg as readonly unknown[]).includes(keyAlgorithm)
  })
}

/** Why an entry of a key set may not verify signatures, as far as that shows without importing it; or `null`. */
export function findKeyProblem(entry: unknown, allowed: ReadonlySet<SignatureAlgorithm>): KeyProblem | null {
  if (!isJsonObject(entry)) return 'not_a_key'
  const kty = member(entry, 'kty')
  if (kty === 'oct') return 'symmetric'
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(entry, name))) return 'private'
  const use = member(entry, 'use')
  const operations = member(entry, 'key_ops')
  if (use !== undefined && use !== 'sig') return 'not_for_signatures'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'not_for_signatures'
  const kid = member(entry, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) return 'kid_malformed'
  return algorithmsOf(entry, allowed).length === 0 ? 'no_algorithm' : FIND_PROBLEM[String(kty)]!(entry)
}
