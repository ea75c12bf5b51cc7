// From a method and a path to the one rule that covers it. A path without parameters is looked up as a whole. All others
// are in a tree of segments: at every segment a literal wins over a parameter, a parameter over a greedy one, and a dead
// end falls back to the next best; so a path that is literal throughout would win in the tree, too.
// The path chooses first and the method second: a rule on a more specific path owns that path for every
// method, so a looser rule never covers a method that the stricter one left out.

import { failure, isFailure, type Failure } from '../failure.ts'
import type { ResolvedRoute } from '../config/config.ts'
import { checkTarget, undoNeedlessEscapes, upperCaseEscapes } from './target.ts'

type MethodRules = Map<string, ResolvedRoute>

interface Node {
  readonly literals: Map<string, Node>
  parameter: Node | null
  /** Rules of a greedy parameter that starts here: one or more segments, none of them empty. */
  greedy: MethodRules | null
  /** Rules that end here, by method. */
  rules: MethodRules | null
}

export interface RouteTable {
  /**
   * The rule, or why there is none. Literals are looked up, not tried one by one: the number of rules matters only
   * where many of them overlap in parameters.
   */
  match(method: string, path: string): ResolvedRoute | Failure
}

export const WEBSOCKET_CONNECT = '$connect'

const node = (): Node => ({ literals: new Map(), parameter: null, greedy: null, rules: null })

export const isParameter = (segment: string): boolean => /^\{[A-Za-z0-9_]+\}$/.test(segment)
export const isGreedy = (segment: string): boolean => /^\{[A-Za-z0-9_]+\+\}$/.test(segment)

const segmentsOf = (path: string): string[] => path.slice(1).split('/')

/** The rules of a template with parameters, where it has a place in the tree. */
function rulesAt(root: Node, template: string): MethodRules {
  const segments = segmentsOf(template)
  const at = segments.reduce<Node>((parent, segment) => {
    if (isGreedy(segment)) return parent
    if (isParameter(segment)) return (parent.parameter ??= node())
    const child = parent.literals.get(segment) ?? node()
    parent.literals.set(segment, child)
    return child
  }, root)
  return isGreedy(segments.at(-1)!) ? (at.greedy ??= new Map()) : (at.rules ??= new Map())
}

const hasParameter = (template: string): boolean => /\/\{/.test(template)

/** From the segment that begins at `from`; beyond the end of the path there is none left. */
function findTemplate(at: Node, path: string, from: number): MethodRules | null {
  if (from > path.length) return at.rules
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(from, end)
  const literal = at.literals.get(segment)
  const exact = literal === undefined ? null : findTemplate(literal, path, end + 1)
  if (exact !== null) return exact
  if (segment === '') return null
  const parameter = at.parameter === null ? null : findTemplate(at.parameter, path, end + 1)
  if (parameter !== null) return parameter
  // A trailing slash is a last, empty segment, and no greedy rule reaches over it.
  return path.endsWith('/') ? null : at.greedy
}

/**
 * Builds the table. The rules have been validated (`resolveConfig`): no two share a path and a method.
 *
 * `HEAD` is decided like `GET` unless a rule lists it. `OPTIONS` is a method like any other: it is refused
 * unless listed. Methods compare case-sensitively (RFC 9110 section 9.1).
 */
export function createRouteTable(routes: readonly ResolvedRoute[], maxPathBytes: number): RouteTable {
  const literals = new Map<string, MethodRules>()
  const root = node()
  const connect: MethodRules = new Map()

  function placeOf(path: string): MethodRules {
    if (path === WEBSOCKET_CONNECT) return connect
    const template = upperCaseEscapes(path)
    if (hasParameter(template)) return rulesAt(root, template)
    const rules = literals.get(template) ?? new Map()
    literals.set(template, rules)
    return rules
  }

  for (const route of routes) {
    const rules = placeOf(route.path)
    for (const method of route.methods) rules.set(method, route)
  }

  const find = (path: string): MethodRules | null => literals.get(path) ?? findTemplate(root, path, 1)

  /** Rules for a path; a failure where its two readings come under different ones. */
  function rulesFor(path: string): MethodRules | Failure | null {
    const asWritten = upperCaseEscapes(path)
    const rules = find(asWritten)
    const decoded = undoNeedlessEscapes(asWritten)
    if (decoded === asWritten || find(decoded) === rules) return rules
    return failure('target_ambiguous', { problem: 'rules_differ' })
  }

  return {
    match(method, path) {
      if (path === WEBSOCKET_CONNECT) return connect.get(method) ?? failure('route_unknown')
      const refused = checkTarget(path, maxPathBytes)
      if (refused !== null) return refused
      const rules = rulesFor(path)
      if (rules === null) return failure('route_unknown')
      if (isFailure(rules)) return rules
      return (
        rules.get(method) ?? (method === 'HEAD' ? rules.get('GET') : undefined) ?? failure('method_unknown')
      )
    },
  }
}
