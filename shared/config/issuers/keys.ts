// `issuers.NAME.keys` and `algorithms`: public keys, or a secret that the issuer shares with us. Either way with
// algorithms for that and nothing else. RFC 8725 section 3.1.

import { macSecretUse } from '../../keys/shared-secret.ts'
import type { SecretRef } from '../../secrets/secret-ref.ts'
import {
  ALGORITHMS,
  isMacAlgorithm,
  isSignatureAlgorithm,
  MAC_ALGORITHMS,
  type MacAlgorithm,
  type SignatureAlgorithm,
} from '../../token/algorithms.ts'
import { checkOneOf, checkStrings, isJsonObject, list, type AddProblem } from '../checks.ts'
import { checkSecret, type SecretEnvironment } from '../secrets.ts'
import {
  checkKeySource,
  checkSources,
  checkTimeout,
  NO_KEYS,
  type PublicKeySource,
  type ResolvedKeySource,
} from './key-source.ts'

/**
 * Where the secret is that an issuer without public keys signs with, and how it is written: as many bytes as the longest
 * hash of `algorithms` has, at least 32. Whoever knows it can make tokens, and so can we.
 */
export interface SharedSecretSource {
  readonly secret: SecretRef
  /** `base64url`: random bytes, without padding. `text`: the issuer signs with its characters as they are. Default: base64url. */
  readonly encoding?: SecretEncoding
  readonly discovery?: never
  readonly jwks_uri?: never
  readonly jwks?: never
  readonly jwksSecret?: never
}

export type SecretEncoding = 'base64url' | 'text'

/** What verifies the tokens of an issuer: public keys or a shared secret, never both. */
export type KeySource = PublicKeySource | SharedSecretSource

/** Algorithms go with the kind of key: HMAC does not exist for public keys, and nothing else for a shared secret. */
export type KeysAndAlgorithms =
  | {
      readonly keys: PublicKeySource
      /** Algorithms accepted from this issuer. Default: RS256 alone. */
      readonly algorithms?: readonly SignatureAlgorithm[]
    }
  | { readonly keys: SharedSecretSource; readonly algorithms: readonly MacAlgorithm[] }

/** Public keys, and algorithms for them. */
export interface ResolvedPublicKeys {
  readonly source: ResolvedKeySource
  readonly algorithms: ReadonlySet<SignatureAlgorithm>
  /** For one answer. */
  readonly timeoutMs: number
  readonly secret?: never
}

/** A shared secret, and algorithms for it. No table, type or key is common to the two. */
export interface ResolvedSharedSecret {
  readonly secret: SecretRef
  readonly encoding: SecretEncoding
  readonly algorithms: ReadonlySet<MacAlgorithm>
  readonly source?: never
}

export type ResolvedKeys = ResolvedPublicKeys | ResolvedSharedSecret

export const KEYS_DEFAULTS = { algorithms: ['RS256'] } as const

/** Whether `keys` is a shared secret, and so no public keys. */
export const hasSharedSecret = (keys: unknown): boolean => isJsonObject(keys) && keys['secret'] !== undefined

/** What can be said of an issuer's keys: its `keys` and `algorithms` as they are given, and its `iss`. */
export interface GivenKeys {
  readonly keys: unknown
  readonly algorithms: unknown
  readonly issuer: string
}

function checkAlgorithms<T extends string>(
  value: unknown,
  isKnown: (name: unknown) => name is T,
  table: Readonly<Record<T, unknown>>,
  path: string,
  addProblem: AddProblem,
): ReadonlySet<T> {
  const algorithms = checkStrings(value, path, addProblem)
  const others = (name: unknown) => (isMacAlgorithm(name) ? '; HMAC is for a shared secret: keys.secret' : '')
  for (const algorithm of algorithms) {
    if (!isKnown(algorithm))
      addProblem(
        path,
        `has ${JSON.stringify(algorithm)}; known: ${list(Object.keys(table))}${others(algorithm)}`,
      )
  }
  return new Set(algorithms.filter(isKnown))
}

/** Public keys with algorithms for them, or a shared secret with its own. `path`: of the issuer. */
export function checkKeys(
  { keys, algorithms, issuer }: GivenKeys,
  path: string,
  environment: SecretEnvironment,
  addProblem: AddProblem,
): ResolvedKeys {
  const at = `${path}.algorithms`
  if (!hasSharedSecret(keys)) {
    const listed = algorithms === undefined ? KEYS_DEFAULTS.algorithms : algorithms
    const known = checkAlgorithms(listed, isSignatureAlgorithm, ALGORITHMS, at, addProblem)
    const source =
      keys === undefined
        ? NO_KEYS
        : checkKeySource(keys, issuer, known, `${path}.keys`, environment, addProblem)
    return { source, algorithms: known, timeoutMs: checkTimeout(keys, `${path}.keys`, addProblem) }
  }
  if (algorithms === undefined)
    addProblem(at, 'is missing; with a shared secret it must list HS256, HS384 or HS512')
  const listed = algorithms === undefined ? ['HS256'] : algorithms
  const known = checkAlgorithms(listed, isMacAlgorithm, MAC_ALGORITHMS, at, addProblem)
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
