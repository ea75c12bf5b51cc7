// From a method and a path to the one rule that covers it. A tree of segments: at every segment a literal
// wins over a parameter, a parameter over a greedy one, and a dead end falls back to the next best.
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

function insert(root: Node, route: ResolvedRoute): void {
  const at = segmentsOf(route.path).reduce<Node | null>((parent, segment) => {
    if (parent === null || isGreedy(segment)) return parent
    if (isParameter(segment)) return (parent.parameter ??= node())
    const literal = upperCaseEscapes(segment)
    const child = parent.literals.get(literal) ?? node()
    parent.literals.set(literal, child)
    return child
  }, root)!
  const rules = isGreedy(segmentsOf(route.path).at(-1)!)
    ? (at.greedy ??= new Map())
    : (at.rules ??= new Map())
  for (const method of route.methods) rules.set(method, route)
}

/** From the segment that begins at `from`; beyond the end of the path there is none left. */
function find(at: Node, path: string, from: number): MethodRules | null {
  if (from > path.length) return at.rules
  const slash = path.indexOf('/', from)
  const end = slash === -1 ? path.length : slash
  const segment = path.slice(from, end)
  const literal = at.literals.get(segment)
  const exact = literal === undefined ? null : find(literal, path, end + 1)
  if (exact !== null) return exact
  if (segment === '') return null
  const parameter = at.parameter === null ? null : find(at.parameter, path, end + 1)
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
  const root = node()
  const connect: MethodRules = new Map()
  for (const route of routes) {
    if (route.path === WEBSOCKET_CONNECT) for (const method of route.methods) connect.set(method, route)
    else insert(root, route)
  }

  /** Rules for a path; a failure where its two readings come under different ones. */
  function rulesFor(path: string): MethodRules | Failure | null {
    const asWritten = upperCaseEscapes(path)
    const rules = find(root, asWritten, 1)
    const decoded = undoNeedlessEscapes(asWritten)
    if (decoded === asWritten || find(root, decoded, 1) === rules) return rules
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
