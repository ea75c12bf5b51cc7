// Scopes are a set of exact, case-sensitive words separated by single spaces. RFC 6749 section 3.3.
// There is no prefix, no hierarchy and no substring in here.

import { failure, type Failure } from '../failure.ts'
import type { ResolvedRoute } from '../config/config.ts'
import { member, type JsonObject } from './strict-json.ts'

export const isScopeToken = (text: string): boolean => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text)

/** The scopes of a claims set (`scope`, RFC 9068 section 2.2.3). No `scope`, or an empty one, is no scopes; a malformed one is a failure. */
export function parseScope(claims: JsonObject): readonly string[] | Failure {
  const scope = member(claims, 'scope')
  if (scope === undefined || scope === '') return []
  if (typeof scope !== 'string') return failure('claim_malformed', { claim: 'scope' })
  const scopes = scope.split(' ')
  return scopes.every(isScopeToken) ? [...new Set(scopes)] : failure('claim_malformed', { claim: 'scope' })
}

type Demand = NonNullable<ResolvedRoute['demand']>

/** Checks what a route demands against what was granted. */
export function checkScope(granted: readonly string[], demand: Demand): Failure | null {
  const missing = demand.allOf.filter((scope) => !granted.includes(scope))
  if (missing.length > 0) return failure('insufficient_scope', { missing: missing.join(' ') })
  if (demand.anyOf.length > 0 && !demand.anyOf.some((scope) => granted.includes(scope))) {
    return failure('insufficient_scope', { missing: `one of: ${demand.anyOf.join(' ')}` })
  }
  return null
}

/** A smallest set of scopes that would have done, for `scope=` in the challenge (RFC 6750 section 3). */
export const sufficientScope = (demand: Demand): readonly string[] => [
  ...new Set([...demand.allOf, ...demand.anyOf.slice(0, 1)]),
]
