// What `lanekeeper check --online` says about a key set: the keys that an edge refuses and why, which algorithms no key
// has, and which tenants have no key. The set is read by the code of an edge; this puts the result into words.

import {
  DUPLICATE_KID,
  problemsOf,
  selectKey,
  UNRELATED_PROBLEMS,
  type KeySet,
  type PublicKeyIssuer,
  type ResolvedIssuer,
} from '../../shared/compiler.ts'
import type { Find } from '../deployment-finding.ts'
import { quoted } from './online-document.ts'

type KeyProblem = KeySet['refused'][number]['problem']

/** Why an edge leaves a key out, in words. */
const REASONS: Readonly<Record<KeyProblem, string>> = {
  not_a_key: 'is no JSON object',
  private: 'has members of a private key, so everybody can sign with it',
  symmetric: 'is a symmetric key, which is a secret',
  not_for_signatures: 'is not for signatures',
  kid_malformed: 'has a kid that is no text',
  no_algorithm: 'has no algorithm of algorithms',
  malformed: 'has members that are no canonical base64url',
  rsa_size: 'has an RSA modulus of less than 2048 or more than 8192 bits',
  rsa_exponent: 'has an RSA exponent other than 3 and 65537',
  rsa_roca: 'has the modulus of a faulty generator (ROCA), which can be factored',
  wrong_length: 'has a coordinate of another length than its curve',
  small_order: 'is a point of small order, for which anybody can make signatures',
  off_curve: 'is no point of its curve',
  import_failed: 'cannot be imported',
}

const nameOf = (kid: string | null): string => (kid === null ? 'a key without kid' : `the key ${quoted(kid)}`)

/** `EC P-256 for ES256`, from the members of an entry, which are foreign text. */
function describeEntry(entry: unknown): string {
  const { kty, crv, alg, use } = (entry ?? {}) as Record<string, unknown>
  const texts = [
    kty,
    crv,
    alg === undefined ? undefined : `for ${String(alg)}`,
    use === 'enc' ? 'use enc' : undefined,
  ]
  return quoted(texts.filter((text) => typeof text === 'string').join(' '))
}

/** Keys that are broken or weak; a set that has one is a fault of the issuer. Others are for something else. */
function checkRefused({ refused }: KeySet, find: Find): void {
  for (const { kid, problem } of refused)
    if (!UNRELATED_PROBLEMS.includes(problem))
      find(
        'problem',
        `${nameOf(kid)} is refused (${problem}): it ${REASONS[problem]}; the issuer has to withdraw it, and its tokens are refused`,
      )
  const others = refused.filter(({ problem }) => UNRELATED_PROBLEMS.includes(problem))
  if (others.length > 0)
    find('note', `left out, because they are for something else: ${others.map(describeOther).join('; ')}`)
}

const describeOther = ({ kid, problem }: KeySet['refused'][number]): string =>
  `${nameOf(kid)} ${REASONS[problem]} (${problem})`

function checkKids(set: KeySet, find: Find): void {
  const rivals = problemsOf(set).filter((problem) => problem === DUPLICATE_KID).length
  if (rivals > 0)
    find(
      'problem',
      `two keys that differ have the same kid (${DUPLICATE_KID}), so tokens that name it are refused as key_ambiguous; the issuer has to give each key a kid of its own`,
    )
  const nameless = set.keys.filter(({ kid }) => kid === null).length
  if (nameless > 0)
    find('note', `${nameless} of its keys have no kid: tokens that name a kid are not verified with these`)
}

/** A key without `alg` may be used with every algorithm of its type that the configuration has. RFC 7517 section 4.4. */
function checkAlgorithms(set: KeySet, { keys }: PublicKeyIssuer, find: Find): void {
  const usable = new Set(set.keys.flatMap(({ verifiers }) => [...verifiers.keys()]))
  const unused = [...keys.algorithms].filter((algorithm) => !usable.has(algorithm))
  if (unused.length > 0)
    find(
      'warning',
      `no published key can be used with ${unused.join(', ')}; take it out of algorithms, unless keys for it are to come`,
    )
  const several = set.keys.filter(({ verifiers }) => verifiers.size > 1)
  if (several.length > 0)
    find(
      'note',
      `${several.length} of its keys name no alg: each is used with ${[...new Set(several.flatMap(({ verifiers }) => [...verifiers.keys()]))].join(', ')}`,
    )
}

/** Whether an edge would find a key for some token of the tenant. */
const hasKey = (set: KeySet, { keyOwner }: ResolvedIssuer, { keys }: PublicKeyIssuer): boolean =>
  [...keys.algorithms].some((algorithm) => {
    const choice = selectKey(set, { kid: null, algorithm, owner: keyOwner })
    return 'keys' in choice || ('unusable' in choice && choice.unusable === 'no_kid')
  })

/**
 * Findings about the keys of one entry of `issuers`. `tenants`: its issuers, which share the set. `entries`: the set as
 * it was published.
 */
export function checkKeySet(
  set: KeySet,
  entries: readonly unknown[],
  tenants: readonly ResolvedIssuer[],
  issuer: PublicKeyIssuer,
  find: Find,
): void {
  checkRefused(set, find)
  if (set.keys.length === 0)
    return find(
      'problem',
      `has no usable key, so every token is refused; published are ${entries.map(describeEntry).join(', ')}, and algorithms has ${[...issuer.keys.algorithms].join(', ')}`,
    )
  checkKids(set, find)
  checkAlgorithms(set, issuer, find)
  const without = new Set(tenants.filter((tenant) => !hasKey(set, tenant, issuer)).map(({ label }) => label))
  if (without.size > 0)
    find(
      'problem',
      `no key of the set may sign for ${[...without].join(', ')}: their issuer members name others, or nobody; correct tenants or keyIssuer`,
    )
}
