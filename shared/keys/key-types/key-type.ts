// A key type (`kty`) with its signature algorithms. Each type is a part: an artefact has those alone whose algorithms
// its issuers may use. RFC 7518 sections 3.1 and 6.1.

import type { SignatureAlgorithm } from '../../token/algorithms.ts'
import type { JsonObject } from '../../token/strict-json.ts'

/** Why an entry of a key set may not verify signatures. */
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

export interface AlgorithmRow {
  readonly crv?: string
  /** Values of a JWK's own `alg` that mean this algorithm. */
  readonly keyAlg: readonly string[]
  /** The algorithm for `crypto.subtle.importKey`. */
  readonly import: { readonly name: string; readonly hash?: string; readonly namedCurve?: string }
  /** The algorithm for `crypto.subtle.verify`. */
  readonly verify: { readonly name: string; readonly hash?: string; readonly saltLength?: number }
}

export interface KeyType {
  readonly kty: 'RSA' | 'EC' | 'OKP'
  /** Members of a public key besides `kty`. RFC 7638 section 3.2. */
  readonly publicMembers: readonly string[]
  readonly algorithms: Readonly<Partial<Record<SignatureAlgorithm, AlgorithmRow>>>
  /** Why a public key of this type is broken or weak, or `null`. */
  findProblem(jwk: JsonObject): KeyProblem | null
}
