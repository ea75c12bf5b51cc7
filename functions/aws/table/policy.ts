// The policy of the strategy `table`: everything that a token may do on the whole API, from a proven plan. Its size is
// bounded when the configuration is checked, because a policy that is too large would fail only for some tokens.

import type { ResolvedConfig } from '../../../shared/index.ts'
import { MAX_RESOURCE_CHARS, toPolicyDocument, type Condition, type PolicyDocument } from '../policy.ts'
import { proveTable, type Clash, type TablePlan } from './proof.ts'
import { isMet } from './rules.ts'

/** Longest policy document. Our own limit: AWS documents 8 KB for WebSocket APIs, and nothing for REST APIs. */
export const MAX_POLICY_BYTES = 8_192
/** Assumed length of the part of an ARN before the verb. It leaves about half for the name of the stage. */
const STAGE_ARN_CHARS = 120

/**
 * The policy for a token with these scopes. It only allows: a path without a pattern is denied by default. A token that
 * may do nothing gets a Deny for everything below the stage.
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

/** Size of the longest policy in bytes: that of a token that may do everything. */
export const largestPolicyBytes = (plan: TablePlan): number =>
  plan.reduce((sum, { pattern }) => sum + JSON.stringify(pattern).length + STAGE_ARN_CHARS + 2, 400)

/** The plan of a route table, or every reason why it has none. */
export function planTable(
  config: Pick<ResolvedConfig, 'routes' | 'limits'>,
): { readonly plan: TablePlan } | { readonly clashes: readonly Clash[] } {
  const proof = proveTable(config.routes, config.limits.maxPathBytes)
  if ('clashes' in proof) return proof
  const noPlan = (reason: string, names: readonly string[]) => ({
    clashes: [{ routes: names, request: names[0]!, reason }],
  })
  if (proof.plan.length === 0)
    return noPlan(
      'IAM patterns also match characters that no path may have, so a table can have no route with a parameter, and all routes have one',
      config.routes.map(({ name }) => name),
    )
  const long = proof.plan.find(({ pattern }) => pattern.length + STAGE_ARN_CHARS > MAX_RESOURCE_CHARS)
  if (long !== undefined)
    return noPlan(`a pattern would be longer than ${MAX_RESOURCE_CHARS} characters`, [long.name])
  const bytes = largestPolicyBytes(proof.plan)
  if (bytes <= MAX_POLICY_BYTES) return proof
  return noPlan(
    `the policy could have ${bytes} bytes, more than ${MAX_POLICY_BYTES}; split the routes over several authorizers`,
    proof.plan.map(({ name }) => name),
  )
}
