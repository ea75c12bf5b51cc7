// The policy of a table answer: what a token may do on the whole API, from a plan that has been proven. Its size is
// bounded when the configuration is checked, because a policy that is too large would fail only for some tokens.

import type { ResolvedRoute } from '../../../shared/index.ts'
import { MAX_RESOURCE_CHARS, toPolicyDocument, type Condition, type PolicyDocument } from '../policy.ts'
import { ODD_PATTERNS } from './patterns.ts'
import { proveTable, type Clash, type TablePlan } from './proof.ts'
import { isMet } from './rules.ts'

/** Longest policy document, a limit of our own: WebSocket APIs document 8 KB for an answer, REST APIs nothing. */
export const MAX_POLICY_BYTES = 8_192
/** Reckoned for the part of an ARN before the verb; a stage may be called as it likes up to about half of it. */
const STAGE_ARN_CHARS = 120

/** The patterns of a policy for a token with these scopes, behind the stage. */
export function selectPatterns(
  plan: TablePlan,
  scopes: readonly string[],
): { allow: string[]; deny: string[] } {
  const met = plan.map(({ demand }) => isMet(demand, scopes))
  const allow = plan.filter((_, index) => met[index])
  const shut = plan.filter(({ coveredBy }, index) => !met[index] && coveredBy.some((other) => met[other]))
  const deny = [...ODD_PATTERNS, ...allow.flatMap(({ deeper }) => deeper), ...shut.map((rule) => rule.shut)]
  return { allow: [...new Set(allow.map(({ cover }) => cover))], deny: [...new Set(deny)] }
}

/** The policy for a token with these scopes. A token that may do nothing is denied everything below the stage. */
export function toTablePolicy(
  plan: TablePlan,
  stageArn: string,
  scopes: readonly string[],
  condition: Condition | null,
): PolicyDocument {
  const { allow, deny } = selectPatterns(plan, scopes)
  const below = (patterns: readonly string[]) => patterns.map((pattern) => `${stageArn}/${pattern}`)
  if (allow.length === 0) return toPolicyDocument([], [`${stageArn}/*`], null)
  return toPolicyDocument(below(allow), below(deny), condition)
}

/** Longest policy that any token can get: every rule at its longer, met or not. */
export function largestPolicyBytes(plan: TablePlan): number {
  const cost = (patterns: readonly string[]) =>
    patterns.reduce((sum, pattern) => sum + JSON.stringify(pattern).length + STAGE_ARN_CHARS + 2, 0)
  const rules = plan.map(({ cover, deeper, shut, coveredBy }) =>
    Math.max(cost([cover, ...deeper]), coveredBy.length === 0 ? 0 : cost([shut])),
  )
  return rules.reduce((sum, each) => sum + each, cost(ODD_PATTERNS) + 400)
}

/** The plan of a route table, or everything that stands against one. */
export function planTable(
  routes: readonly ResolvedRoute[],
): { readonly plan: TablePlan } | { readonly clashes: readonly Clash[] } {
  const proof = proveTable(routes)
  if ('clashes' in proof) return proof
  const about = (reason: string, names: readonly string[]) => ({
    clashes: [{ routes: names, request: names[0]!, reason }],
  })
  const long = proof.plan.find(({ cover, deeper, shut }) =>
    [cover, shut, ...deeper].some((pattern) => pattern.length + STAGE_ARN_CHARS > MAX_RESOURCE_CHARS),
  )
  if (long !== undefined)
    return about(`a pattern would be longer than ${MAX_RESOURCE_CHARS} characters`, [long.name])
  const bytes = largestPolicyBytes(proof.plan)
  if (bytes <= MAX_POLICY_BYTES) return proof
  return about(
    `the policy could have ${bytes} bytes, more than ${MAX_POLICY_BYTES}; split the routes over several authorizers`,
    proof.plan.map(({ name }) => name),
  )
}
