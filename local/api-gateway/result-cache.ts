// The result cache of an authorizer (developer guide, "API Gateway Lambda authorizer input", "Control access to HTTP
// APIs with Lambda authorizers"): an answer is kept for the authorizer's lifetime under the values of all its
// identity sources, and serves every method and path that uses the authorizer. A policy is judged again for each of
// them, a simple answer stands as it is. Malformed answers are never kept. Two requests at once may both call.

import type { AuthorizerAnswer } from './authorizer-answer.ts'
import type { ConditionContext } from './policy-condition.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** What an authorizer made of a request: an answer, or the error `Unauthorized`. */
export type AuthorizerResult = { readonly answer: AuthorizerAnswer } | { readonly unauthorized: true }

export interface Kept {
  readonly result: AuthorizerResult
  /** The conditions of the request it was made for. */
  readonly conditions: ConditionContext
}

export interface ResultCache {
  find(identity: readonly string[]): Kept | undefined
  keep(identity: readonly string[], kept: Kept): void
  flush(): void
}

type Choices = Pick<UndocumentedChoices, 'refusalsKept' | 'unauthorizedKept'>

const isRefusal = (answer: AuthorizerAnswer): boolean =>
  answer.form === 'simple'
    ? !answer.isAuthorized
    : answer.policy.statements.every(({ effect }) => effect === 'Deny')

export function createResultCache(lifetimeSeconds: number, choices: Choices, now: () => number): ResultCache {
  const entries = new Map<string, { kept: Kept; until: number }>()
  const mayKeep = ({ result }: Kept): boolean => {
    if (lifetimeSeconds === 0) return false
    if ('unauthorized' in result) return choices.unauthorizedKept
    return choices.refusalsKept || !isRefusal(result.answer)
  }
  return {
    find(identity) {
      const key = JSON.stringify(identity)
      const entry = entries.get(key)
      if (entry !== undefined && entry.until > now()) return entry.kept
      entries.delete(key)
      return undefined
    },
    keep(identity, kept) {
      if (mayKeep(kept))
        entries.set(JSON.stringify(identity), { kept, until: now() + lifetimeSeconds * 1000 })
    },
    flush: () => entries.clear(),
  }
}
