// Scopes are a set of exact, case-sensitive words separated by single spaces. RFC 6749 section 3.3.
// There is no prefix, no hierarchy and no substring in here.

import { failure, type Failure } from '../failures/failure.ts'
import type { ScopeClaim } from '../token/profiles/profile.ts'
import { isJsonObject, member, type JsonObject } from '../token/strict-json.ts'

export const isScopeToken = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)

/** Follows a path of own members; `undefined` where it ends early. */
const valueAt = (claims: JsonObject, path: readonly string[]): unknown =>
  path.reduce<unknown>((at, name) => (isJsonObject(at) ? member(at, name) : undefined), claims)

/** The words of a value. One in a place for a list is one word: it is not cut at its spaces. */
function wordsOf(value: unknown, { shape, oneOrList }: ScopeClaim): unknown {
  if (typeof value !== 'string') return shape === 'list' || oneOrList === true ? value : null
  return shape === 'string' ? value.split(' ') : oneOrList === true ? [value] : null
}

/**
 * The scopes of a claims set, from the one place where they are configured to stand. None, or an empty one, is
 * no scopes; one of another shape, or with anything in it that is no scope-token, is a failure.
 */
export function parseScope(claims: JsonObject, place: ScopeClaim): readonly string[] | Failure {
  const { claim, shape } = place
  const value = typeof claim === 'string' ? member(claims, claim) : valueAt(claims, claim)
  if (value === undefined || (value === '' && shape === 'string')) return []
  const words = wordsOf(value, place)
  return Array.isArray(words) && words.every((word) => typeof word === 'string' && isScopeToken(word))
    ? [...new Set(words as readonly string[])]
    : failure('claim_malformed', { claim: typeof claim === 'string' ? claim : claim.join('.') })
}
