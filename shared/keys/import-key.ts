// From a JWK to a key of WebCrypto, for one algorithm and one use. Only the members that make the key are handed on:
// what a JWK says about its use is judged elsewhere (key-set.ts). RFC 7517 section 4; RFC 7518 section 6; RFC 8037.

import type { CryptoKey } from 'jose'
import { ALGORITHMS, type SignatureAlgorithm } from '../token/algorithms.ts'
import type { JsonObject } from '../token/strict-json.ts'

const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const
const MEMBERS = [...PUBLIC_MEMBERS, 'd', 'p', 'q', 'dp', 'dq', 'qi'] as const

async function importKey(
  jwk: JsonObject,
  members: readonly string[],
  algorithm: SignatureAlgorithm,
  use: 'sign' | 'verify',
): Promise<CryptoKey> {
  const bare = Object.fromEntries(
    members.flatMap((name) => (Object.hasOwn(jwk, name) ? [[name, jwk[name]]] : [])),
  )
  return crypto.subtle.importKey('jwk', bare, ALGORITHMS[algorithm].key, false, [use])
}

/** A public key to verify with. Rejects where WebCrypto cannot take it. */
export const importPublicKey = (jwk: JsonObject, algorithm: SignatureAlgorithm): Promise<CryptoKey> =>
  importKey(jwk, PUBLIC_MEMBERS, algorithm, 'verify')

/** A private key to sign with. Rejects where WebCrypto cannot take it. */
export const importPrivateKey = (jwk: JsonObject, algorithm: SignatureAlgorithm): Promise<CryptoKey> =>
  importKey(jwk, MEMBERS, algorithm, 'sign')
