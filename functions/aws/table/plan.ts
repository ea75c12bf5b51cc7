// The plan of the strategy `table`: proven patterns, whose policy is small enough for every token. Its size is bounded
// when the configuration is compiled, because a policy that is too large would fail only for some tokens.

import type { ResolvedConfig } from '../../../shared/index.ts'
import { MAX_RESOURCE_CHARS } from '../policy.ts'
import { proveTable, type Clash, type TablePlan } from './proof.ts'

/** Longest policy document. Our own limit: AWS documents 8 KB for WebSocket APIs, and nothing for REST APIs. */
export const MAX_POLICY_BYTES = 8_192
/** Assumed length of the part of an ARN before the verb. It leaves about half for the name of the stage. */
const STAGE_ARN_CHARS = 120

/** Size of the longest policy in bytes: that of a token that may do everything. */
export const largestPolicyBytes = (plan: TablePlan): number =>
  plan.reduce((sum, { pattern }) => sum + JSON.stringify(pattern).length + STAGE_ARN_CHARS + 2, 400)

/** Whether a statement could not name a path with its method, whatever the API and its stage are called. */
export const isTooLongForPolicy = (pattern: string): boolean =>
  pattern.length + STAGE_ARN_CHARS > MAX_RESOURCE_CHARS

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
  const long = proof.plan.find(({ pattern }) => isTooLongForPolicy(pattern))
  if (long !== undefined)
    return noPlan(`a pattern would be longer than ${MAX_RESOURCE_CHARS} characters`, [long.name])
  const bytes = largestPolicyBytes(proof.plan)
  if (bytes <= MAX_POLICY_BYTES) return proof
  return noPlan(
    `the policy could have ${bytes} bytes, more than ${MAX_POLICY_BYTES}; split the routes over several authorizers`,
    proof.plan.map(({ name }) => name),
  )
}
