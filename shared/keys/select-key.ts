// Selects the key that may verify a token from those of its issuer. RFC 7515 section 6 and appendix D.

import type { KeyOwner } from '../config/config.ts'
import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { VerificationKey } from '../platform/ports.ts'
import type { SignatureAlgorithm } from '../token/algorithms.ts'
import type { KeyProblem } from './key-types/key-type.ts'
import { DUPLICATE_KID, type KeySet, type UsableKey } from './key-set.ts'
import type { KeyLease } from './lease.ts'

const NO_KID = 'no_kid'

/**
 * The most keys that are tried for a token without `kid`: the issuer's previous, current and next key around a
 * rotation, and one more. A forged token costs as many checks of a signature, and twice as many where a newer key set
 * is fetched for it.
 */
export const MAX_TRIED_KEYS = 4

/** Problems of entries that are for another purpose; all other problems are of entries that are broken or weak. */
export const UNRELATED: readonly KeyProblem[] = ['no_algorithm', 'not_for_signatures']

export type KeyChoice =
  /** More than one only for a token without a `kid`. */
  | { readonly keys: readonly VerificationKey[] }
  | { readonly none: 'unknown' | 'mismatch' }
  /**
   * The issuer publishes a refused key or several keys under this `kid`; or there is no `kid` and too many keys fit.
   */
  | { readonly unusable: KeyProblem | typeof DUPLICATE_KID | typeof NO_KID }

/** Keys that were found, or why none were. */
export type KeyAnswer = FoundKeys | Failure

export interface FoundKeys {
  readonly keys: readonly VerificationKey[]
  /** `null`: the next token has to search the store again. */
  readonly lease: KeyLease | null
  /** The keys are as old as the build: if none verifies a token, the issuer may have replaced them since. */
  readonly isBundled?: true
}

/** What a token demands of its key. `owner`: the tenant's issuers, if one set has the keys of many tenants. */
export interface KeyRequest {
  readonly kid: string | null
  readonly algorithm: SignatureAlgorithm
  readonly owner: KeyOwner | null
}

const isOwned = ({ issuer }: UsableKey, owner: KeyOwner | null): boolean =>
  owner === null || (issuer === null ? owner.mayBeUnstated : owner.issuers.includes(issuer))

/**
 * The key for a token's `kid` and `alg`; without a `kid`, the few that fit (RFC 7515 section 6, appendix D). Where two
 * keys have the `kid`, neither is chosen. A key that is published twice counts once, however its entries differ.
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
 * The keys of a choice, or why the token is refused. A published key that may not be used makes its tokens invalid
 * (RFC 7515 section 5.2). The caller gets 401 because anybody can name the `kid` of such a key; the event about the key
 * set tells the operator of the issuer's fault.
 */
export function toKeyAnswer(choice: KeyChoice, lease: KeyLease | null = null): KeyAnswer {
  if ('keys' in choice) return { keys: choice.keys, lease }
  if ('none' in choice) return failure(choice.none === 'unknown' ? 'key_unknown' : 'key_mismatch')
  const { unusable: problem } = choice
  return failure(problem === DUPLICATE_KID || problem === NO_KID ? 'key_ambiguous' : 'key_refused', {
    problem,
  })
}

/** Whether a newer key set of the issuer may have a better key for this `kid`, or for a token without a `kid`. */
export const mayBeOutdated = (choice: KeyChoice, { kid }: KeyRequest): boolean =>
  'unusable' in choice || ('none' in choice && (kid === null || choice.none === 'unknown'))

/** An answer without the keys that have been tried. */
export const withoutTried = (answer: KeyAnswer, tried: readonly VerificationKey[]): KeyAnswer =>
  isFailure(answer) ? answer : { ...answer, keys: answer.keys.filter((key) => !tried.includes(key)) }
