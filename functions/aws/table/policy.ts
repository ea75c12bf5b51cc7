// The policy of the strategy `table`: everything that a token may do on the whole API, from a proven plan.

import { toPolicyDocument, type Condition, type PolicyDocument } from '../policy.ts'
import type { TablePlan } from './proof.ts'
import type { Demand } from './rules.ts'

/** Whether a token with these scopes meets the demand. */
function isMet(demand: Demand, scopes: readonly string[]): boolean {
  if (typeof demand === 'string') return demand === 'always'
  const has = (scope: string) => scopes.includes(scope)
  return demand.allOf.every(has) && (demand.anyOf.length === 0 || demand.anyOf.some(has))
}

/**
 * The policy for a token with these scopes. It only allows: a path without a pattern is denied by default. A token that
 * may do nothing gets a Deny for everything below the stage.
 */
export type ToTablePolicy = (
  plan: TablePlan,
  stageArn: string,
  scopes: readonly string[],
  condition: Condition | null,
) => PolicyDocument

export const toTablePolicy: ToTablePolicy = (plan, stageArn, scopes, condition) => {
  const allow = plan.flatMap(({ demand, pattern }) => (isMet(demand, scopes) ? `${stageArn}/${pattern}` : []))
  if (allow.length === 0) return toPolicyDocument([], [`${stageArn}/*`], null)
  return toPolicyDocument(allow, [], condition)
}
