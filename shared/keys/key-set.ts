// From a JWK Set to keys that may verify signatures. A set is published by somebody else: entries that are
// private, weak, for another use or simply broken are left out one by one, and the reason is kept for the
// operator. RFC 7517 sections 4 and 5; RFC 7518 sections 3.3 and 6; RFC 8037.

import { decodeBase64url, findBase64urlProblem } from '../token/base64url.ts'
import type { KeyOwner } from '../config/config.ts'
import { failure, type Failure } from '../failures/failure.ts'
import type { Cryptography, VerificationKey } from '../platform/ports.ts'
import { ALGORITHMS, type SignatureAlgorithm } from '../token/algorithms.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'
import { findPointProblem } from './curve.ts'
import type { KeyLease } from './lease.ts'
import { hasRocaFingerprint } from './roca.ts'

export interface UsableKey {
  readonly kid: string | null
  /** The key's own `issuer`, where the set is one of a provider that signs for many tenants; '' if it is no text. */
  readonly issuer: string | null
  /** The public key itself: its type and public members (RFC 7638 section 3.2). Equal for equal keys alone. */
  readonly material: string
  /** One imported key per algorithm that both the issuer's list and the key itself allow. */
  readonly verifiers: ReadonlyMap<SignatureAlgorithm, VerificationKey>
}

/** An entry that was left out, and why. A token may still name it, and is then told from one that names nothing. */
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

const PUBLIC_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
}

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
  // WebCrypto takes these two everywhere; e = 1 would make every signature its own proof.
  const exponent = e.reduce((value, byte) => value * 256 + byte, 0)
  if (exponent !== 3 && exponent !== 65_537) return 'rsa_exponent'
  return hasRocaFingerprint(n) ? 'rsa_roca' : null
}

/**
 * Encodings of the points of order 1, 2, 4 and 8 on edwards25519, least significant byte first, the sign bit
 * apart: with such a public key some signatures verify for every message. Values p and above, which are not
 * canonical, are refused too. RFC 8032 section 5.1.3; FIPS 186-5 section 7.8.2.
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

function algorithmsOf(jwk: JsonObject, allowed: ReadonlySet<SignatureAlgorithm>): SignatureAlgorithm[] {
  const own = member(jwk, 'alg')
  return [...allowed].filter((algorithm) => {
    const row = ALGORITHMS[algorithm]
    if (row.kty !== member(jwk, 'kty') || (row.crv !== undefined && row.crv !== member(jwk, 'crv')))
      return false
    return own === undefined || (row.keyAlg as readonly unknown[]).includes(own)
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

const issuerOf = (jwk: JsonObject): string | null => {
  const issuer = member(jwk, 'issuer')
  return issuer === undefined ? null : typeof issuer === 'string' ? issuer : ''
}

async function readKey(
  entry: unknown,
  allowed: ReadonlySet<SignatureAlgorithm>,
  crypto: Cryptography,
): Promise<UsableKey | KeyProblem> {
  const problem = findKeyProblem(entry, allowed)
  if (problem !== null) return problem
  const jwk = entry as JsonObject
  const names = ['kty', ...PUBLIC_MEMBERS[String(jwk['kty'])]!]
  const bare = Object.fromEntries(names.map((name) => [name, jwk[name]]))
  try {
    const imported = algorithmsOf(jwk, allowed).map(
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
 * `held`: what was read before for the same issuer. An entry that is still the same, to the letter, is the same key as
 * before and is not imported again; that is what tokens are remembered by.
 */
export async function readKeySet(
  entries: readonly unknown[],
  allowed: ReadonlySet<SignatureAlgorithm>,
  crypto: Cryptography,
  held: KeySet = NO_KEYS,
): Promise<KeySet> {
  const keys = new Map<string, UsableKey>()
  const refused: RefusedKey[] = []
  for (const [text, entry] of byText(entries)) {
    const read = held.byText.get(text) ?? (await readKey(entry, allowed, crypto))
    const kid = isJsonObject(entry) ? member(entry, 'kid') : null
    if (typeof read !== 'string') keys.set(text, read)
    else refused.push({ kid: typeof kid === 'string' ? kid : null, problem: read })
  }
  return { keys: [...keys.values()], refused, byText: keys }
}

const DUPLICATE_KID = 'duplicate_kid'
const NO_KID = 'no_kid'

/**
 * So many keys are tried for a token without `kid`, and no more: the issuer's keys before, now and next around a
 * rotation, and one to spare. What a caller makes up costs as many checks of a signature, and twice as many where it is the
 * one for which a newer set is fetched.
 */
export const MAX_TRIED_KEYS = 4

/** Whether a token that names the `kid` of both could mean either. */
const isRival = (one: UsableKey, other: UsableKey): boolean =>
  one.kid !== null &&
  one.kid === other.kid &&
  one.issuer === other.issuer &&
  one.material !== other.material &&
  [...one.verifiers.keys()].some((algorithm) => other.verifiers.has(algorithm))

/** What is wrong with a set, one word for each entry that is left out or has the `kid` of another key before it. */
export const problemsOf = ({ keys, refused }: KeySet): string[] => [
  ...refused.map(({ problem }) => problem),
  ...keys
    .filter((key, at) => keys.slice(0, at).some((other) => isRival(key, other)))
    .map(() => DUPLICATE_KID),
]

/** Entries left out because they were never meant for this, as opposed to ones that are broken or weak. */
const UNRELATED: readonly KeyProblem[] = ['no_algorithm', 'not_for_signatures']

export type KeyChoice =
  /** More than one only where the token names none. */
  | { readonly keys: readonly VerificationKey[] }
  | { readonly none: 'unknown' | 'mismatch' }
  /** What the issuer publishes under this kid is refused or is more than one key, or without a kid there are too many. */
  | { readonly unusable: KeyProblem | typeof DUPLICATE_KID | typeof NO_KID }

/** Keys that a store found, or why it found none. */
export type KeyAnswer = FoundKeys | Failure

export interface FoundKeys {
  readonly keys: readonly VerificationKey[]
  /** `null`: the next search has to ask the store again. */
  readonly lease: KeyLease | null
}

/** What a token asks for. `owner`: whose key it has to be, where one set has the keys of many tenants. */
export interface KeyRequest {
  readonly kid: string | null
  readonly algorithm: SignatureAlgorithm
  readonly owner: KeyOwner | null
}

const isOwned = ({ issuer }: UsableKey, owner: KeyOwner | null): boolean =>
  owner === null || (issuer === null ? owner.mayBeUnstated : owner.issuers.includes(issuer))

/**
 * The key for a token's `kid` and `alg`; without a `kid`, the few that fit (RFC 7515 section 6, appendix D). Never a
 * guess: two under the `kid` that is named are none. The same key published twice is one, however its entries differ.
 */
export function selectKey({ keys, refused }: KeySet, { kid, algorithm, owner }: KeyRequest): KeyChoice {
  let named = 0
  const fitting: UsableKey[] = []
  const most = kid === null ? MAX_TRIED_KEYS : 1
  for (const key of keys) {
    if (kid !== null && key.kid !== kid) continue
    named++
    if (!isOwned(key, owner) || !key.verifiers.has(algorithm)) continue
    if (fitting.some(({ material }) => material === key.material)) continue
    if (fitting.length === most) return { unusable: kid === null ? NO_KID : DUPLICATE_KID }
    fitting.push(key)
  }
  if (fitting.length > 0) return { keys: fitting.map(({ verifiers }) => verifiers.get(algorithm)!) }
  const left = kid === null ? [] : refused.filter((entry) => entry.kid === kid)
  const broken = left.find((entry) => !UNRELATED.includes(entry.problem))
  if (broken !== undefined) return { unusable: broken.problem }
  return { none: named + left.length === 0 ? 'unknown' : 'mismatch' }
}

/**
 * The keys of a choice, or why the token that asked for them is refused. A published key that may not be used makes its
 * tokens invalid (RFC 7515 section 5.2): anybody can name its `kid`, and the issuer's fault is in the event about the set.
 */
export function toKeyAnswer(choice: KeyChoice, lease: KeyLease | null = null): KeyAnswer {
  if ('keys' in choice) return { keys: choice.keys, lease }
  if ('none' in choice) return failure(`key_${choice.none}`)
  const { unusable: problem } = choice
  return failure(problem === DUPLICATE_KID || problem === NO_KID ? 'key_ambiguous' : 'key_refused', {
    problem,
  })
}
