// Reads scopes: a set of case-sensitive words, separated by single spaces (RFC 6749 section 3.3). A word matches only
// itself: prefixes, hierarchies and substrings mean nothing.

import { failure, type Failure } from '../failures/failure.ts'
import type { ScopeClaim } from '../token/profiles/profile.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

export const isScopeToken = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)

/** Follows a path of own members; `undefined` where it ends early. */
const valueAt = (claims: JsonObject, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (isJsonObject(at) ? member(at, name) : undefined), claims)

/** The words of a value. A string in a claim that should be a list is one word: it is not split at its spaces. */
function wordsOf(value: unknown, { shape, oneOrList }: ScopeClaim): unknown {
  if (typeof value !== 'string') return shape === 'list' || oneOrList === true ? value : null
  return shape === 'string' ? value.split(' ') : oneOrList === true ? [value] : null
}

/**
 * The scopes of a claims set, from the one claim that holds them by configuration. If the claim is absent or an empty
 * string, there are no scopes. Another shape, or anything in it that is no scope-token, is a failure.
 */
export function parseScope(claims: JsonObject, scopeClaim: ScopeClaim): readonly string[] | Failure {
  const { claim, shape } = scopeClaim
  const value = typeof claim === 'string' ? member(claims, claim) : valueAt(claims, claim)
  if (value === undefined || (value === '' && shape === 'string')) return []
  const words = wordsOf(value, scopeClaim)
  return Array.isArray(words) && words.every((word) => typeof word === 'string' && isScopeToken(word))
    ? [...new Set(words as readonly string[])]
    : failure('claim_malformed', { claim: typeof claim === 'string' ? claim : claim.join('.') })
}
