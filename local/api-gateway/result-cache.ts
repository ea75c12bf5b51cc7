// The result cache of an authorizer (developer guide, "API Gateway Lambda authorizer input", "Control access to HTTP
// APIs with Lambda authorizers"). The values of all identity sources are the key of an answer, which is cached for the
// lifetime that the authorizer sets and applies to every method and path with that authorizer. A cached policy is
// evaluated for each request, a cached simple response is not. Malformed answers are not cached. Two concurrent
// requests may both call.

import type { AuthorizerAnswer } from './authorizer-answer.ts'
import type { ConditionContext } from './policy-condition.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** The result of an authorizer: an answer, or the error `Unauthorized`. */
export type AuthorizerResult = { readonly answer: AuthorizerAnswer } | { readonly unauthorized: true }

export interface CachedResult {
  readonly result: AuthorizerResult
  /** The condition keys of the request that the authorizer was called for. */
  readonly conditions: ConditionContext
}

export interface ResultCache {
  find(identity: readonly string[]): CachedResult | undefined
  store(identity: readonly string[], result: CachedResult): void
  flush(): void
}

type Choices = Pick<UndocumentedChoices, 'cachesRefusals' | 'cachesUnauthorized'>

const isRefusal = (answer: AuthorizerAnswer): boolean =>
  answer.form === 'simple'
    ? !answer.isAuthorized
    : answer.policy.statements.every(({ effect }) => effect === 'Deny')

export function createResultCache(lifetimeSeconds: number, choices: Choices, now: () => number): ResultCache {
  const entries = new Map<string, { cached: CachedResult; expiresAt: number }>()
  const isCacheable = ({ result }: CachedResult): boolean => {
    if (lifetimeSeconds === 0) return false
    if ('unauthorized' in result) return choices.cachesUnauthorized
    return choices.cachesRefusals || !isRefusal(result.answer)
  }
  return {
    find(identity) {
      const key = JSON.stringify(identity)
      const entry = entries.get(key)
      if (entry !== undefined && entry.expiresAt > now()) return entry.cached
      entries.delete(key)
      return undefined
    },
    store(identity, result) {
      if (isCacheable(result))
        entries.set(JSON.stringify(identity), { cached: result, expiresAt: now() + lifetimeSeconds * 1000 })
    },
    flush: () => entries.clear(),
  }
}
