// Finds the one rule that covers a method and a path. A template without parameters is looked up as a whole. All others
// are in a tree of segments: at every segment a literal wins over a parameter and a parameter over a greedy one; where
// that leads to no rule, the next best is tried. So a template that is literal throughout would win in the tree, too.
// The path chooses first and the method second: a rule on a more specific path owns that path for every
// method, so a looser rule never covers a method that the stricter one left out.

import { failure, isFailure, type Failure } from '../failures/failure.ts'
import type { ResolvedRoute } from '../config/config.ts'
import { hasParameter, isGreedy, isParameter, segmentsOf, WEBSOCKET_CONNECT } from './path-template.ts'
import { createShare, type Share } from './share.ts'
import { checkTarget, undoNeedlessEscapes, upperCaseEscapes } from './target.ts'

/**
 * The rules of one path; no two have a method in common. A list, because there are few: a Map takes much more memory.
 */
type PathRules = ResolvedRoute[]

/**
 * A segment of templates. With ten thousand rules, the wanted one is in no cache of the processor, and loading its
 * nodes from memory takes most of the time of a lookup; so a node is as small as possible.
 */
interface Node {
  readonly segment: string
  /** The first child with a literal segment; the only one unless `literals` is set. */
  only: Node | null
  /** All children with a literal segment, once there are two. */
  literals: Map<string, Node> | null
  parameter: Node | null
  /** Rules of a greedy parameter that starts here: one or more segments, none of them empty. */
  greedy: PathRules | null
  /** Rules that end here. */
  rules: PathRules | null
}

/**
 * The rules of a configuration, for lookup by method and path. It knows paths and methods only: no host, no query and
 * no resource.
 */
export interface RouteTable {
  /**
   * The rule for a method and a path, or why there is none (`route_unknown`, `method_unknown`, `target_ambiguous`,
   * `target_too_long`). `path`: as received, without the query. Literals are looked up, not tried one by one: the
   * number of rules matters only where many of them overlap in parameters.
   */
  match(method: string, path: string): ResolvedRoute | Failure
}

const node = (segment: string): Node => ({
  segment,
  only: null,
  literals: null,
  parameter: null,
  greedy: null,
  rules: null,
})

function findLiteral({ only, literals }: Node, segment: string): Node | undefined {
  if (literals !== null) return literals.get(segment)
  return only?.segment === segment ? only : undefined
}

function addLiteral(at: Node, segment: string): Node {
  const known = findLiteral(at, segment)
  if (known !== undefined) return known
  const added = node(segment)
  if (at.only === null) at.only = added
  else at.literals = (at.literals ?? new Map([[at.only.segment, at.only]])).set(segment, added)
  return added
}

/** The list of rules at the node of a template with parameters. Adds the node where it is missing. */
function rulesAt(root: Node, template: string, share: Share): PathRules {
  const segments = segmentsOf(template)
  const at = segments.reduce<Node>((parent, segment) => {
    if (isGreedy(segment)) return parent
    if (isParameter(segment)) return (parent.parameter ??= node(''))
    return addLiteral(parent, share(segment, segment))
  }, root)
  return isGreedy(segments.at(-1)!) ? (at.greedy ??= []) : (at.rules ??= [])
}

/** Matches the rest of the path, from the segment that begins at `from`. Beyond the end of the path none is left. */
function findTemplate(at: Node, path: string, from: number): PathRules | null {
  if (from > path.length) return at.rules
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(from, end)
  const literal = findLiteral(at, segment)
  const exact = literal === undefined ? null : findTemplate(literal, path, end + 1)
  if (exact !== null) return exact
  if (segment === '') return null
  const parameter = at.parameter === null ? null : findTemplate(at.parameter, path, end + 1)
  if (parameter !== null) return parameter
  // A trailing slash is a last, empty segment, which no greedy parameter matches.
  return path.endsWith('/') ? null : at.greedy
}

const ruleFor = (rules: PathRules, method: string): ResolvedRoute | undefined =>
  rules.find(({ methods }) => methods.includes(method))

/**
 * Builds the table. The rules have been validated (`resolveConfig`): no two share a path and a method.
 *
 * `HEAD` is decided like `GET` unless a rule lists it. `OPTIONS` is a method like any other: it is refused
 * unless listed. Methods compare case-sensitively (RFC 9110 section 9.1).
 */
export function createRouteTable(routes: readonly ResolvedRoute[], maxPathBytes: number): RouteTable {
  const literals = new Map<string, PathRules>()
  const root = node('')
  const connect: PathRules = []
  const share = createShare()

  function rulesOf(path: string): PathRules {
    if (path === WEBSOCKET_CONNECT) return connect
    const template = upperCaseEscapes(path)
    if (hasParameter(template)) return rulesAt(root, template, share)
    const rules = literals.get(template) ?? []
    literals.set(template, rules)
    return rules
  }

  for (const route of routes) rulesOf(route.path).push(route)

  const find = (path: string): PathRules | null => literals.get(path) ?? findTemplate(root, path, 1)

  /** The rules for a path; a failure where its two readings have different rules. */
  function rulesFor(path: string): PathRules | Failure | null {
    const asWritten = upperCaseEscapes(path)
    const rules = find(asWritten)
    const decoded = undoNeedlessEscapes(asWritten)
    if (decoded === asWritten || find(decoded) === rules) return rules
    return failure('target_ambiguous', { problem: 'rules_differ' })
  }

  return {
    match(method, path) {
      if (path === WEBSOCKET_CONNECT) return ruleFor(connect, method) ?? failure('route_unknown')
      const refused = checkTarget(path, maxPathBytes)
      if (refused !== null) return refused
      const rules = rulesFor(path)
      if (rules === null) return failure('route_unknown')
      if (isFailure(rules)) return rules
      return (
        ruleFor(rules, method) ??
        (method === 'HEAD' ? ruleFor(rules, 'GET') : undefined) ??
        failure('method_unknown')
      )
    },
  }
}
