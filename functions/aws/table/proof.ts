// Can this route table be said in IAM patterns, for every token there may be? Chooses the patterns and proves, path
// by path and set of scopes by set of scopes (walk.ts, isPossible), that a policy made of them allows what the
// route table allows and nothing else. A table that fails is refused with the routes that clash. Decides exactly:
// nothing is sampled, and what cannot be finished counts as failed.

import { NO_CONDITIONS, type ResolvedRoute } from '../../../shared/index.ts'
import { coverPattern, deeperPatterns, ODD_PATTERNS, shutPatterns } from './patterns.ts'
import { isPossible, toTableRules, type Demand, type TableRule } from './rules.ts'
import { walk, type Finding } from './walk.ts'

/** What stands for one rule in a policy. Patterns stand behind the stage. */
export interface PlannedRule {
  readonly name: string
  readonly demand: Demand
  /** Allowed where the demand is met. */
  readonly cover: string
  /** Denied along with that. */
  readonly deeper: readonly string[]
  /** Denied where the demand is not met and a rule of `coveredBy` is. */
  readonly shut: string
  /** Indices of the rules whose cover reaches into this one. */
  readonly coveredBy: readonly number[]
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

const isOdd = ({ matched }: Finding): boolean => ODD_PATTERNS.some((pattern) => matched.has(pattern))

const nameOf = ({ method, template }: TableRule): string => `${method} ${template}`

/** The plan of one method, or where it fails. Rules that no token can use are never allowed and need no cover. */
function proveMethod(rules: readonly TableRule[]): TableProof {
  const covers = rules.map(coverPattern)
  const allDeeper = rules.map(deeperPatterns)
  const candidates = rules.map(shutPatterns)
  const patterns = [...new Set([...ODD_PATTERNS, ...covers, ...allDeeper.flat(), ...candidates.flat()])]
  const findings = walk(rules, patterns)
  const method = rules[0]!.method
  if (findings === null) {
    const reason = 'there are too many overlapping templates to finish the proof'
    return { clashes: [{ routes: rules.map(nameOf), request: `${method} /`, reason }] }
  }
  const demandOf = (index: number): Demand => rules[index]!.demand
  const possible = (met: readonly number[], unmet: number | null = null) =>
    isPossible(met.map(demandOf), unmet === null ? null : demandOf(unmet))
  /** Rules whose cover takes this path in, as far as some token may use them. */
  const coverers = ({ matched }: Finding) =>
    [...rules.keys()].filter((index) => matched.has(covers[index]!) && possible([index]))
  const clashes: Clash[] = []
  const clash = (indices: readonly number[], { path }: Finding, reason: string) =>
    void clashes.push({
      routes: [...new Set(indices.map((index) => nameOf(rules[index]!)))],
      request: `${method} ${path}`,
      reason,
    })

  // Deeper paths are shut where nobody owns some of them; where everybody there has an owner, the owners' turn comes.
  const unowned = findings.filter((finding) => finding.owner === null && !isOdd(finding))
  const deeper = rules.map((_, index) =>
    allDeeper[index]!.filter((pattern) =>
      unowned.some(({ matched }) => matched.has(covers[index]!) && matched.has(pattern)),
    ),
  )
  const isShutBy = (index: number, { matched }: Finding) =>
    deeper[index]!.some((pattern) => matched.has(pattern))

  const owned = findings.filter((finding) => finding.owner !== null)
  const coveredBy = rules.map((_, index) => [
    ...new Set(
      owned
        .filter(({ owner }) => owner === index)
        .flatMap(coverers)
        .filter((other) => other !== index && possible([other], index)),
    ),
  ])
  const shut = rules.map((_, index) => {
    const needed = owned.filter(
      (finding) =>
        finding.owner === index &&
        coverers(finding).some(
          (other) => other !== index && possible([other], index) && !isShutBy(other, finding),
        ),
    )
    const harmed = (pattern: string) =>
      owned.find(
        ({ owner, matched }) =>
          owner !== index &&
          matched.has(pattern) &&
          coveredBy[index]!.some((other) => possible([owner!, other], index)),
      )
    const covering = candidates[index]!.filter((pattern) =>
      needed.every(({ matched }) => matched.has(pattern)),
    )
    const good = covering.find((pattern) => harmed(pattern) === undefined)
    if (good !== undefined) return good
    const finding = harmed(covering[0]!)!
    clash(
      [index, finding.owner!, ...coveredBy[index]!.slice(0, 1)],
      finding,
      `to refuse ${nameOf(rules[index]!)}, a Deny would have to shut ${nameOf(rules[finding.owner!]!)} too`,
    )
    return covering[0]!
  })

  for (const finding of findings) {
    const { owner, path } = finding
    if (owner === null) {
      const wrong = isOdd(finding) ? undefined : coverers(finding).find((index) => !isShutBy(index, finding))
      if (wrong !== undefined)
        clash([wrong], finding, `the pattern ${covers[wrong]} reaches ${path}, which no route covers`)
      continue
    }
    if (isOdd(finding) && possible([owner]))
      clash([owner], finding, 'the path is spelled in a way that a table always denies')
    const over = coverers(finding).find((index) => isShutBy(index, finding) && possible([index, owner]))
    if (over !== undefined) {
      clash(
        [over, owner],
        finding,
        `what the pattern ${covers[over]} takes in too much cannot be denied without shutting ${nameOf(rules[owner]!)}`,
      )
    }
  }
  if (clashes.length > 0) return { clashes }
  return {
    plan: rules.map((rule, index) => ({
      name: nameOf(rule),
      demand: rule.demand,
      cover: covers[index]!,
      deeper: deeper[index]!,
      shut: shut[index]!,
      coveredBy: coveredBy[index]!,
    })),
  }
}

/** What a rule may say for a table to know what it asks. Anything else it asks would be left out of the policy. */
const UNDERSTOOD = new Set(['path', 'methods', 'name', 'demand', 'issuer', 'sharedCaches'])

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0

/** What a table can say nothing about, whatever the patterns. */
function unsuited(routes: readonly ResolvedRoute[]): Clash[] {
  return routes.flatMap((route) => {
    const { name, path, methods, issuer } = route
    const about = { routes: [name], request: `${methods[0]} ${path}` }
    const more = Object.entries(route).find(
      ([key, value]) =>
        !UNDERSTOOD.has(key) &&
        value !== null &&
        value !== false &&
        value !== NO_CONDITIONS &&
        !isEmpty(value),
    )
    if (more?.[0] === 'reportOnly') return { ...about, reason: 'the route only records what it would refuse' }
    if (more !== undefined) return { ...about, reason: `the route demands more than scopes (${more[0]})` }
    if (issuer !== null)
      return { ...about, reason: 'the route takes tokens of one issuer, and a table is made for any token' }
    if (path.includes('%')) return { ...about, reason: 'a table denies every path with an escape ("%")' }
    if (path !== '/' && path.endsWith('/')) return { ...about, reason: 'a table denies every trailing slash' }
    return []
  })
}

const forHead = (rule: PlannedRule): PlannedRule => {
  const verb = (text: string) => text.replace(/^GET/, 'HEAD')
  return {
    ...rule,
    name: verb(rule.name),
    cover: verb(rule.cover),
    deeper: rule.deeper.map(verb),
    shut: verb(rule.shut),
  }
}

/** The plan of a whole route table, or every clash. */
export function proveTable(routes: readonly ResolvedRoute[]): TableProof {
  const plain = unsuited(routes)
  if (plain.length > 0) return { clashes: plain }
  const byMethod = toTableRules(routes)
  // What no rule says of HEAD it says of GET: one proof holds for both.
  const isHeadLikeGet = !routes.some(({ methods }) => methods.includes('HEAD'))
  const proven = [...byMethod].filter(([method]) => !(isHeadLikeGet && method === 'HEAD'))
  const proofs = proven.map(([, rules]) => proveMethod(rules))
  const clashes = proofs.flatMap((proof) => ('clashes' in proof ? proof.clashes : []))
  if (clashes.length > 0) return { clashes }
  if (isHeadLikeGet) {
    const get = proofs[proven.findIndex(([method]) => method === 'GET')]
    if (get !== undefined && 'plan' in get) proofs.push({ plan: get.plan.map(forHead) })
  }
  let offset = 0
  const plan: PlannedRule[] = []
  for (const proof of proofs) {
    if (!('plan' in proof)) continue
    const shifted = offset
    plan.push(
      ...proof.plan.map((rule) => ({ ...rule, coveredBy: rule.coveredBy.map((index) => index + shifted) })),
    )
    offset += proof.plan.length
  }
  return { plan }
}
