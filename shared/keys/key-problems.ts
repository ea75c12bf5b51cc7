// Why an entry of a key set may not verify signatures: it is no key, is private or symmetric, is for another use, has
// no algorithm that the issuer may use, or is broken or weak.
// RFC 7517 section 4; RFC 7518 sections 3.3 and 6; RFC 8037.

import type { SignatureAlgorithm } from '../token/algorithms.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'
import type { KeyProblem, KeyType } from './key-types/key-type.ts'

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth']

/** The algorithms of a key type that both the issuer and the key itself allow. */
export function algorithmsOf(
  jwk: JsonObject,
  allowed: ReadonlySet<SignatureAlgorithm>,
  { algorithms }: KeyType,
): SignatureAlgorithm[] {
  const keyAlgorithm = member(jwk, 'alg')
  return [...allowed].filter((algorithm) => {
    const row = algorithms[algorithm]
    if (row === undefined || (row.crv !== undefined && row.crv !== member(jwk, 'crv'))) return false
    return keyAlgorithm === undefined || (row.keyAlg as readonly unknown[]).includes(keyAlgorithm)
  })
}

/** The type of a key; `undefined` where it is none of `keyTypes`. */
export const typeOf = (jwk: JsonObject, keyTypes: readonly KeyType[]): KeyType | undefined =>
  keyTypes.find(({ kty }) => kty === member(jwk, 'kty'))

/**
 * Why an entry of a key set may not verify signatures, as far as that shows without importing it; or `null`. `keyTypes`
 * has the type of every algorithm in `allowed`.
 */
export function findKeyProblem(
  entry: unknown,
  allowed: ReadonlySet<SignatureAlgorithm>,
  keyTypes: readonly KeyType[],
): KeyProblem | null {
  if (!isJsonObject(entry)) return 'not_a_key'
  if (member(entry, 'kty') === 'oct') return 'symmetric'
  if (PRIVATE_MEMBERS.some((name) => Object.hasOwn(entry, name))) return 'private'
  const use = member(entry, 'use')
  const operations = member(entry, 'key_ops')
  if (use !== undefined && use !== 'sig') return 'not_for_signatures'
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify')))
    return 'not_for_signatures'
  const kid = member(entry, 'kid')
  if (kid !== undefined && (typeof kid !== 'string' || kid === '')) return 'kid_malformed'
  const keyType = typeOf(entry, keyTypes)
  if (keyType === undefined || algorithmsOf(entry, allowed, keyType).length === 0) return 'no_algorithm'
  return keyType.findProblem(entry)
}
