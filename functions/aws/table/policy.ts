// The policy of a table answer: what a token may do on the whole API, from a plan that has been proven. Its size is
// bounded when the configuration is checked, because a policy that is too large would fail only for some tokens.

import type { ResolvedConfig } from '../../../shared/index.ts'
import { MAX_RESOURCE_CHARS, toPolicyDocument, type Condition, type PolicyDocument } from '../policy.ts'
import { proveTable, type Clash, type TablePlan } from './proof.ts'
import { isMet } from './rules.ts'

/** Longest policy document, a limit of our own: WebSocket APIs document 8 KB for an answer, REST APIs nothing. */
export const MAX_POLICY_BYTES = 8_192
/** Reckoned for the part of an ARN before the verb; a stage may be called as it likes up to about half of it. */
const STAGE_ARN_CHARS = 120

/**
 * The policy for a token with these scopes. Nothing is denied but what no pattern names. A token that may do nothing
 * is denied everything below the stage.
 */
export function toTablePolicy(
  plan: TablePlan,
  stageArn: string,
  scopes: readonly string[],
  condition: Condition | null,
): PolicyDocument {
  const allow = plan.flatMap(({ demand, pattern }) => (isMet(demand, scopes) ? `${stageArn}/${pattern}` : []))
  if (allow.length === 0) return toPolicyDocument([], [`${stageArn}/*`], null)
  return toPolicyDocument(allow, [], condition)
}

/** Longest policy that any token can get: the one that may do everything. */
export const largestPolicyBytes = (plan: TablePlan): number =>
  plan.reduce((sum, { pattern }) => sum + JSON.stringify(pattern).length + STAGE_ARN_CHARS + 2, 400)

/** The plan of a route table, or everything that stands against one. */
export function planTable(
  config: Pick<ResolvedConfig, 'routes' | 'limits'>,
): { readonly plan: TablePlan } | { readonly clashes: readonly Clash[] } {
  const proof = proveTable(config.routes, config.limits.maxPathBytes)
  if ('clashes' in proof) return proof
  const about = (reason: string, names: readonly string[]) => ({
    clashes: [{ routes: names, request: names[0]!, reason }],
  })
  if (proof.plan.length === 0)
    return about(
      'a pattern cannot keep out the characters that no path may have, so a table has no route with a parameter, and there is no other',
      config.routes.map(({ name }) => name),
    )
  const long = proof.plan.find(({ pattern }) => pattern.length + STAGE_ARN_CHARS > MAX_RESOURCE_CHARS)
  if (long !== undefined)
    return about(`a pattern would be longer than ${MAX_RESOURCE_CHARS} characters`, [long.name])
  const bytes = largestPolicyBytes(proof.plan)
  if (bytes <= MAX_POLICY_BYTES) return proof
  return about(
    `the policy could have ${bytes} bytes, more than ${MAX_POLICY_BYTES}; split the routes over several authorizers`,
    proof.plan.map(({ name }) => name),
  )
}
