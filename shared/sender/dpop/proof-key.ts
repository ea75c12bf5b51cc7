// The key in a proof: checked, named by its thumbprint (RFC 7638), and imported once. A key is kept only after a token
// that its issuer has confirmed named it, so a stranger cannot fill the memory. RFC 9449 section 4.3 (7).

import type { JWK } from 'jose'
import type { ResolvedDpop } from '../../config/config.ts'
import { createBoundedCache } from '../../introspection/bounded-cache.ts'
import { findKeyProblem, typeOf } from '../../keys/key-problems.ts'
import type { KeyType } from '../../keys/key-types/key-type.ts'
import type { Ports, VerificationKey } from '../../platform/ports.ts'
import { encodeBase64url } from '../../token/base64url.ts'
import type { SignatureAlgorithm } from '../../token/algorithms.ts'
import { isJsonObject, type JsonObject } from '../../token/strict-json.ts'

/** A key in a proof that may verify it. Its thumbprint has not been compared yet. */
export interface ProofKey {
  readonly thumbprint: string
  /** The key, imported. Throws where the platform finds no key in it. */
  load(): VerificationKey | Promise<VerificationKey>
}

/** Why the key in a proof may not verify it. */
export interface ProofKeyProblem {
  readonly problem: string
}

/** What an imported key takes at most: one of RSA with 8 192 bits. */
const KEY_BYTES = 4_096
const LIMITS = { maxEntries: 1_024, maxBytes: 1_024 * KEY_BYTES }

/** Reads the keys of proofs. */
export interface ProofKeys {
  read(jwk: unknown, algorithm: SignatureAlgorithm): ProofKey | ProofKeyProblem
}

const ENCODER = new TextEncoder()

export function createProofKeys(
  { algorithms }: Pick<ResolvedDpop, 'algorithms'>,
  { crypto, now }: Pick<Ports, 'crypto' | 'now'>,
  keyTypes: readonly KeyType[],
): ProofKeys {
  const imported = createBoundedCache<VerificationKey>(LIMITS)
  const sets = new Map([...algorithms].map((algorithm) => [algorithm, new Set([algorithm])] as const))
  /** For the checks of the members that a thumbprint does not cover. */
  const forms = keyTypes.map((keyType): KeyType => ({ ...keyType, findProblem: () => null }))

  const thumbprintOf = (jwk: JsonObject, { publicMembers }: KeyType): string => {
    const names = ['kty', ...publicMembers].toSorted()
    const text = JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])))
    return encodeBase64url(crypto.sha256!(ENCODER.encode(text)))
  }

  async function importKey(name: string, bare: JWK, algorithm: SignatureAlgorithm): Promise<VerificationKey> {
    const key = await crypto.importKey(bare, algorithm)
    imported.set(name, key, KEY_BYTES, now(), Number.POSITIVE_INFINITY)
    return key
  }

  return {
    read(jwk, algorithm) {
      if (!isJsonObject(jwk)) return { problem: 'not_a_key' }
      const problem = Object.hasOwn(jwk, 'k') ? 'private' : findKeyProblem(jwk, sets.get(algorithm)!, forms)
      if (problem !== null) return { problem }
      const keyType = typeOf(jwk, keyTypes)!
      const thumbprint = thumbprintOf(jwk, keyType)
      const name = `${algorithm} ${thumbprint}`
      if (imported.get(name, now()) === undefined) {
        const weakness = keyType.findProblem(jwk)
        if (weakness !== null) return { problem: weakness }
      }
      const names = ['kty', ...keyType.publicMembers]
      const bare = Object.fromEntries(names.map((member) => [member, jwk[member]]))
      return { thumbprint, load: () => imported.get(name, now()) ?? importKey(name, bare, algorithm) }
    },
  }
}
