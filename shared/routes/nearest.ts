// For the log alone: the rule that a request without a rule was probably meant for, and how the request differs from
// it. Names a rule of the configuration and one word of a closed set, never a piece of the path. The work is bounded by
// the length of the path and a fixed number of lookups. The table for it is built with the first such request.

import { isFailure, type Failure } from '../failures/failure.ts'
import type { ResolvedRoute } from '../config/config.ts'
import { createRouteTable, type RouteTable } from './route-table.ts'

const ANY = '*'

/** From a path without a rule to the path that may have been meant. In order; the first that has a rule is reported. */
const VARIANTS: readonly (readonly [problem: string, toMeant: (path: string) => string])[] = [
  ['case', (path) => path],
  ['trailing_slash', (path) => (path.endsWith('/') ? path.slice(0, -1) : `${path}/`)],
  // A stage, or a base path, that the rules do not have.
  ['prefix', (path) => path.slice(path.indexOf('/', 1))],
  ['extra_segment', (path) => path.slice(0, path.lastIndexOf('/', path.length - 2))],
  ['missing_segment', (path) => `${path}${path.endsWith('/') ? '' : '/'}0`],
]

/** An ambiguous path as read by a server that decodes once, merges slashes, cuts parameters and resolves dots. */
function toReading(path: string): string {
  try {
    const plain = path.replace(/(?:%[0-9A-Fa-f]{2})+/g, decodeURIComponent).replace(/[/\\]+/g, '/')
    return new URL(plain.replace(/;[^/]*/g, '').replace(/%/g, '0'), 'http://h').pathname
  } catch {
    // The escapes are not UTF-8.
    return path.replace(/%/g, '0')
  }
}

/**
 * Returns a function that adds `nearest` (and `problem`, if it is not set) to a refusal because no rule covers the
 * request. Other refusals stay as they are.
 */
export function createNearest(routes: readonly ResolvedRoute[], maxPathBytes: number) {
  let table: RouteTable | undefined

  /** The rule for a path in any case, for the first of the methods that has one. */
  function find(path: string, ...methods: string[]): string | undefined {
    table ??= createRouteTable(
      routes.map((rule) => ({ ...rule, path: rule.path.toLowerCase(), methods: [...rule.methods, ANY] })),
      maxPathBytes,
    )
    for (const method of methods) {
      const found = table.match(method, path.toLowerCase())
      if (!isFailure(found)) return found.name
      if (found.code !== 'method_unknown') break
    }
    return undefined
  }

  return (refused: Failure, method: string, path: string): Failure => {
    const { code, detail } = refused
    const withNearest = (nearest: string | undefined, problem: string): Failure =>
      nearest === undefined ? refused : { code, detail: { nearest, problem, ...detail } }
    if (code === 'method_unknown') {
      const upper = method.toUpperCase()
      const nearest = find(path, upper)
      if (nearest === undefined) return withNearest(find(path, ANY), 'method')
      return withNearest(nearest, upper === method ? 'case' : 'method_case')
    }
    if (code !== 'route_unknown' && code !== 'target_ambiguous') return refused
    const read = code === 'route_unknown' ? path : toReading(path)
    for (const [problem, toMeant] of VARIANTS) {
      const nearest = find(toMeant(read), method, ANY)
      if (nearest !== undefined) return withNearest(nearest, problem)
    }
    return refused
  }
}
