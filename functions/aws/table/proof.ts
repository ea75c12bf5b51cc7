// Expresses a route table in IAM patterns, for every possible token. Chooses the patterns and proves over all paths
// (walk.ts) that each allows the paths of its rule and no others. A policy has the patterns whose demands the token
// meets, so a cached policy allows nothing that a fresh decision would refuse. Rules without a pattern are left out, so
// their paths are denied. The proof is exact: nothing is sampled, and one that cannot be finished counts as failed.

import type { ResolvedRoute } from '../../../shared/index.ts'
import { patternOf } from './patterns.ts'
import { toTableRules, type Demand, type TableRule } from './rules.ts'
import { walk } from './walk.ts'

/** A rule and its pattern, which is appended to the stage. */
export interface PlannedRule {
  readonly name: string
  readonly demand: Demand
  /** Allowed where the demand is met. */
  readonly pattern: string
}

export type TablePlan = readonly PlannedRule[]

export interface Clash {
  readonly routes: readonly string[]
  /** `METHOD /path` of a request that would be decided wrongly. */
  readonly request: string
  readonly reason: string
}

/** A clash in one line, for the operator. */
export const describeClash = ({ routes, request, reason }: Clash): string =>
  `cannot be "table" for these routes: ${reason} (${request}; ${routes.join(', ')})`

export type TableProof = { readonly plan: TablePlan } | { readonly clashes: readonly Clash[] }

const nameOf = ({ method, template }: TableRule): string => `${method} ${template}`

/** Patterns, to be appended to the stage: one for each rule, and those that are denied to every token. */
export interface Patterns {
  /** `null`: the rule is left out. */
  readonly allow: readonly (string | null)[]
  readonly deny: readonly string[]
}

/**
 * The requests that patterns would decide wrongly, for the rules of one method. Too wide: a pattern allows a path that
 * its rule does not own, or that no decision allows, and no Deny covers that path. Too narrow: a path that a rule
 * owns is denied, or the pattern of the rule does not allow it.
 */
export function findClashes(
  rules: readonly TableRule[],
  { allow, deny }: Patterns,
  maxPathBytes: number,
): readonly Clash[] {
  const patterns = [...new Set([...allow.filter((pattern) => pattern !== null), ...deny])]
  const findings = walk(rules, patterns, deny)
  const method = rules[0]!.method
  if (findings === null) {
    const reason = 'there are too many overlapping templates to finish the proof'
    return [{ routes: rules.map(nameOf), request: `${method} /`, reason }]
  }
  const clashes: Clash[] = []
  for (const { path, longest, isPlain, owner, matched } of findings) {
    const clash = (index: number, reason: string) =>
      void clashes.push({ routes: [nameOf(rules[index]!)], request: `${method} ${path}`, reason })
    const isDenied = deny.some((pattern) => matched.has(pattern))
    for (const [index, pattern] of allow.entries()) {
      if (pattern === null) continue
      if (matched.has(pattern) && !isDenied) {
        if (!isPlain) clash(index, `the pattern ${pattern} reaches a path that is always refused`)
        else if (owner !== index)
          clash(index, `the pattern ${pattern} reaches a path that is not the route's`)
        else if (longest > maxPathBytes)
          clash(index, `the pattern ${pattern} reaches a path that is longer than maxPathBytes`)
      } else if (owner === index) clash(index, 'a path of the route is not allowed')
    }
  }
  return clashes
}

/** The plan of one method, or the clashes. */
function proveMethod(rules: readonly TableRule[], maxPathBytes: number): TableProof {
  // A rule that no token can use is never allowed and needs no pattern.
  const allow = rules.map((rule) => (rule.demand === 'never' ? null : patternOf(rule)))
  const clashes = findClashes(rules, { allow, deny: [] }, maxPathBytes)
  if (clashes.length > 0) return { clashes }
  return {
    plan: rules.flatMap((rule, index) => {
      const pattern = allow[index]!
      return pattern === null ? [] : { name: nameOf(rule), demand: rule.demand, pattern }
    }),
  }
}

/** Members of a rule that a table takes into account. A demand in any other member would be missing in the policy. */
const UNDERSTOOD = new Set(['path', 'methods', 'name', 'demand', 'issuer', 'sharedCaches', 'revocation'])

/** Whether a member of a rule demands nothing. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === false) return true
  if (value instanceof Map || value instanceof Set) return value.size === 0
  return typeof value === 'object' && Object.values(value).every(isEmpty)
}

/** Clashes of rules that a table cannot express, whatever the patterns. */
function findInexpressible(routes: readonly ResolvedRoute[]): Clash[] {
  return routes.flatMap((route) => {
    const { name, path, methods, issuer } = route
    const about = { routes: [name], request: `${methods[0]} ${path}` }
    const more = Object.entries(route).find(([key, value]) => !UNDERSTOOD.has(key) && !isEmpty(value))
    if (more?.[0] === 'reportOnly') return { ...about, reason: 'the route is report-only' }
    if (more !== undefined) return { ...about, reason: `the route demands more than scopes (${more[0]})` }
    if (issuer !== null)
      return {
        ...about,
        reason:
          'the route accepts tokens of one issuer only, and a table does not know the issuer of a token',
      }
    if (path.includes('%'))
      return { ...about, reason: 'an escape ("%") has more than one spelling, and a pattern has one' }
    return []
  })
}

const forHead = (rule: PlannedRule): PlannedRule => {
  const verb = (text: string) => text.replace(/^GET/, 'HEAD')
  return { ...rule, name: verb(rule.name), pattern: verb(rule.pattern) }
}

/** The plan of a whole route table, or every clash. `maxPathBytes`: a decision refuses a path that is longer. */
export function proveTable(routes: readonly ResolvedRoute[], maxPathBytes: number): TableProof {
  const inexpressible = findInexpressible(routes)
  if (inexpressible.length > 0) return { clashes: inexpressible }
  const byMethod = toTableRules(routes)
  // Where no rule lists HEAD, it is decided like GET: one proof is enough for both.
  const isHeadLikeGet = !routes.some(({ methods }) => methods.includes('HEAD'))
  const proven = [...byMethod].filter(([method]) => !(isHeadLikeGet && method === 'HEAD'))
  const proofs = proven.map(([method, rules]) => [method, proveMethod(rules, maxPathBytes)] as const)
  const clashes = proofs.flatMap(([, proof]) => ('clashes' in proof ? proof.clashes : []))
  if (clashes.length > 0) return { clashes }
  return {
    plan: proofs.flatMap(([method, proof]) => {
      const plan = 'plan' in proof ? proof.plan : []
      return isHeadLikeGet && method === 'GET' ? [...plan, ...plan.map(forHead)] : plan
    }),
  }
}
