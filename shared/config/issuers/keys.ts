// `issuers.NAME.keys` and `algorithms`: public keys or a shared secret, each with algorithms for that kind of key
// alone, so that a public key is never used as a secret of HMAC. RFC 8725 section 3.1.

import { macSecretUse } from '../../keys/shared-secret.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import {
  isMacAlgorithm,
  isSignatureAlgorithm,
  MAC_ALGORITHMS,
  SIGNATURE_ALGORITHMS,
  type MacAlgorithm,
  type SignatureAlgorithm,
} from '../../token/algorithms.ts'
import { checkOneOf, checkStrings, isJsonObject, list, type AddProblem } from '../checks.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'
import {
  checkBundled,
  checkKeySource,
  checkSources,
  checkTimeout,
  NO_KEYS,
  type PublicKeySource,
  type ResolvedKeySource,
} from './key-source.ts'

/**
 * A secret with which an issuer without public keys signs its tokens (HMAC), and how it is encoded. It has at
 * least as many bytes as the longest hash of `algorithms`. Everybody who has it can make tokens, this edge included.
 */
export interface SharedSecretSource {
  /** Where the secret is. */
  readonly secret: SecretRef
  /** `base64url` (the default): random bytes, no padding. `text`: the issuer signs with the characters as they are. */
  readonly encoding?: SecretEncoding
  readonly discovery?: never
  readonly jwks_uri?: never
  readonly jwks?: never
  readonly jwksSecret?: never
}

/** How a shared secret is written: see `SharedSecretSource`. */
export type SecretEncoding = 'base64url' | 'text'

/** The keys that verify the tokens of an issuer: public keys or a shared secret, never both. */
export type KeySource = PublicKeySource | SharedSecretSource

/** Keys with their algorithms: HMAC for a shared secret alone, every other algorithm for public keys alone. */
export type KeysAndAlgorithms =
  | {
      readonly keys: PublicKeySource
      /** Algorithms accepted from this issuer. Default: RS256 alone. */
      readonly algorithms?: readonly SignatureAlgorithm[]
    }
  | { readonly keys: SharedSecretSource; readonly algorithms: readonly MacAlgorithm[] }

/** Public keys and their algorithms. */
export interface ResolvedPublicKeys {
  readonly source: ResolvedKeySource
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  /** How long one answer is waited for. */
  readonly timeoutMs: number
  /** How old the keys in the plan may be; absent: there are none. */
  readonly bundledMaxAgeMs?: number
  readonly secret?: never
}

/** A shared secret and its algorithms. It has no table, type or key in common with public keys. */
export interface ResolvedSharedSecret {
  readonly secret: SecretRef
  readonly encoding: SecretEncoding
  readonly algorithms: ReadonlySet<MacAlgorithm>
  readonly source?: never
}

export type ResolvedKeys = ResolvedPublicKeys | ResolvedSharedSecret

export const KEYS_DEFAULTS = { algorithms: ['RS256'] } as const

/** Whether `keys` is a shared secret. */
export const hasSharedSecret = (keys: unknown): boolean => isJsonObject(keys) && keys['secret'] !== undefined

/** `keys` and `algorithms` of an issuer as they are written. */
export interface GivenKeys {
  readonly keys: unknown
  readonly algorithms: unknown
}

function checkAlgorithms<T extends string>(
  value: unknown,
  isKnown: (name: unknown) => name is T,
  names: readonly string[],
  path: string,
  addProblem: AddProblem,
): ReadonlySet<T> {
  const algorithms = checkStrings(value, path, addProblem)
  const others = (name: unknown) => (isMacAlgorithm(name) ? '; HMAC is for a shared secret: keys.secret' : '')
  for (const algorithm of algorithms) {
    if (!isKnown(algorithm))
      addProblem(path, `has ${JSON.stringify(algorithm)}; known: ${list(names)}${others(algorithm)}`)
  }
  return new Set(algorithms.filter(isKnown))
}

/** Public keys, without their URLs, or a shared secret, each with its algorithms. `path` is that of the issuer. */
export function checkKeys(
  { keys, algorithms }: GivenKeys,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedKeys {
  const at = `${path}.algorithms`
  if (!hasSharedSecret(keys)) {
    const listed = algorithms === undefined ? KEYS_DEFAULTS.algorithms : algorithms
    const known = checkAlgorithms(listed, isSignatureAlgorithm, SIGNATURE_ALGORITHMS, at, addProblem)
    const source =
      keys === undefined ? NO_KEYS : checkKeySource(keys, known, `${path}.keys`, environment, addProblem)
    const timeoutMs = checkTimeout(keys, `${path}.keys`, addProblem)
    const bundledMaxAgeMs = checkBundled(keys, `${path}.keys`, addProblem)
    return {
      source,
      algorithms: known,
      timeoutMs,
      ...(bundledMaxAgeMs === undefined ? {} : { bundledMaxAgeMs }),
    }
  }
  if (algorithms === undefined)
    addProblem(at, 'is missing; with a shared secret it must list HS256, HS384 or HS512')
  const listed = algorithms === undefined ? ['HS256'] : algorithms
  const known = checkAlgorithms(listed, isMacAlgorithm, Object.keys(MAC_ALGORITHMS), at, addProblem)
  const { secret, encoding = 'base64url' } = checkSources(keys, `${path}.keys`, addProblem)
  const shared = {
    algorithms: known,
    encoding: checkOneOf(encoding, `${path}.keys.encoding`, ['base64url', 'text'], addProblem),
  }
  return {
    ...shared,
    secret: checkSecret(secret, macSecretUse(shared), `${path}.keys.secret`, environment, addProblem),
  }
}
