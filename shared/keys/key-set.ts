// Reads the keys that may verify signatures from a JWK Set. The set is untrusted: entries that are private, weak, for
// another use or broken are left out one by one, and the reasons are kept for the operator. RFC 7517 section 5.

import type { Cryptography, VerificationKey } from '../platform/ports.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'
import { algorithmsOf, findKeyProblem, typeOf } from './key-problems.ts'
import type { KeyProblem, KeyType } from './key-types/key-type.ts'

export interface UsableKey {
  readonly kid: string | null
  /** The key's own `issuer`, where the set is one of a provider that signs for many tenants; '' if it is no string. */
  readonly issuer: string | null
  /** The public key itself: its type and public members (RFC 7638 section 3.2). Equal only for equal keys. */
  readonly material: string
  /** One imported key per algorithm that both the issuer's list and the key itself allow. */
  readonly verifiers: ReadonlyMap<SignatureAlgorithm, VerificationKey>
}

/** An entry that was left out, and why. A token with its `kid` is refused for another reason than an unknown `kid`. */
export interface RefusedKey {
  readonly kid: string | null
  readonly problem: KeyProblem
}

export interface KeySet {
  readonly keys: readonly UsableKey[]
  readonly refused: readonly RefusedKey[]
  /** The usable keys by the text of their entries. */
  readonly byText: ReadonlyMap<string, UsableKey>
}

export const NO_KEYS: KeySet = { keys: [], refused: [], byText: new Map() }

/** How the keys of a set are read: the algorithms of the issuer, the types of their keys, and what imports them. */
export interface KeyReading {
  readonly allowed: ReadonlySet<SignatureAlgorithm>
  readonly keyTypes: readonly KeyType[]
  readonly crypto: Cryptography
}

const issuerOf = (jwk: JsonObject): string | null => {
  const issuer = member(jwk, 'issuer')
  return issuer === undefined ? null : typeof issuer === 'string' ? issuer : ''
}

async function readKey(
  entry: unknown,
  { allowed, keyTypes, crypto }: KeyReading,
): Promise<UsableKey | KeyProblem> {
  const problem = findKeyProblem(entry, allowed, keyTypes)
  if (problem !== null) return problem
  const jwk = entry as JsonObject
  const keyType = typeOf(jwk, keyTypes)!
  const names = ['kty', ...keyType.publicMembers]
  const bare = Object.fromEntries(names.map((name) => [name, jwk[name]]))
  try {
    const imported = algorithmsOf(jwk, allowed, keyType).map(
      async (algorithm) => [algorithm, await crypto.importKey(bare, algorithm)] as const,
    )
    return {
      kid: (member(jwk, 'kid') as string | undefined) ?? null,
      issuer: issuerOf(jwk),
      material: JSON.stringify(bare),
      verifiers: new Map(await Promise.all(imported)),
    }
  } catch {
    return 'import_failed'
  }
}

/** Entries by their text. */
const byText = (entries: readonly unknown[]) =>
  new Map(entries.map((entry) => [JSON.stringify(entry), entry] as const))

/**
 * Reads `keys` of a JWK Set for one issuer. Never throws.
 *
 * `before`: the key set that was read before for the same issuer. An entry with the same text is not imported again,
 * and stands for the same `VerificationKey`: a cached token is good while that object is among the keys of its issuer.
 */
export async function readKeySet(
  entries: readonly unknown[],
  reading: KeyReading,
  before: KeySet = NO_KEYS,
): Promise<KeySet> {
  const keys = new Map<string, UsableKey>()
  const refused: RefusedKey[] = []
  for (const [text, entry] of byText(entries)) {
    const read = before.byText.get(text) ?? (await readKey(entry, reading))
    const kid = isJsonObject(entry) ? member(entry, 'kid') : null
    if (typeof read !== 'string') keys.set(text, read)
    else refused.push({ kid: typeof kid === 'string' ? kid : null, problem: read })
  }
  return { keys: [...keys.values()], refused, byText: keys }
}

export const DUPLICATE_KID = 'duplicate_kid'

/** Whether a token that names the `kid` of both could mean either. */
const isRival = (one: UsableKey, other: UsableKey): boolean =>
  one.kid !== null &&
  one.kid === other.kid &&
  one.issuer === other.issuer &&
  one.material !== other.material &&
  [...one.verifiers.keys()].some((algorithm) => other.verifiers.has(algorithm))

/**
 * The problems of a set: one for each entry that was left out, and one for each key with the `kid` of an earlier key.
 */
export const problemsOf = ({ keys, refused }: KeySet): string[] => [
  ...refused.map(({ problem }) => problem),
  ...keys
    .filter((key, at) => keys.slice(0, at).some((other) => isRival(key, other)))
    .map(() => DUPLICATE_KID),
]
