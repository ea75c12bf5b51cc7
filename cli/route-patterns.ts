// The route patterns of wrangler.toml, and the rules whose requests none of them sends to the Worker. A pattern is a
// host and the beginning of a path:
// https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior

import type { ResolvedRoute } from '../shared/index.ts'

/** The settings of one environment as wrangler reads them. */
export type WranglerSettings = Readonly<Record<string, unknown>>

interface Pattern {
  /** Whether the pattern begins with `http://` or `https://`. */
  readonly hasScheme: boolean
  /** Whether the pattern covers every path of its host. */
  readonly coversHost: boolean
  readonly hasPreviews: boolean
  /** With `hasWildcard` the beginning of the paths that match, else the only path that matches. */
  readonly path: string
  readonly hasWildcard: boolean
}

type WranglerRoute =
  | string
  | { readonly pattern?: unknown; readonly custom_domain?: unknown; readonly previews_enabled?: unknown }

function toPattern(route: WranglerRoute): Pattern {
  const {
    pattern,
    custom_domain: isCustomDomain,
    previews_enabled: previews,
  } = typeof route === 'string' ? { pattern: route } : { ...route }
  const [, scheme = '', path = ''] = /^(https?:\/\/)?[^/]*(.*)$/s.exec(String(pattern))!
  const [, host = ''] = /^(?:https?:\/\/)?([^/]*)/.exec(String(pattern))!
  const coversHost = isCustomDomain === true || path === '/*' || (path === '' && host.endsWith('*'))
  return {
    hasScheme: scheme !== '',
    coversHost,
    hasPreviews: previews === true,
    path: path.replace(/\*$/, ''),
    hasWildcard: path.endsWith('*'),
  }
}

/** The patterns of one environment. */
export function patternsOf({ routes, route }: WranglerSettings): readonly Pattern[] {
  const all = [
    ...(Array.isArray(routes) ? (routes as WranglerRoute[]) : []),
    ...(route === undefined ? [] : [route as WranglerRoute]),
  ]
  return all.map(toPattern)
}

/** Names of the rules that have a path that no pattern covers. Empty if the environment has no pattern. */
export function findUncoveredRules(
  settings: WranglerSettings,
  rules: readonly Pick<ResolvedRoute, 'path' | 'name'>[],
): readonly string[] {
  const patterns = patternsOf(settings)
  if (patterns.length === 0 || patterns.some(({ coversHost }) => coversHost)) return []
  const covers = ({ path, hasWildcard }: Pattern, template: string): boolean => {
    const [literal = ''] = template.split('{')
    return hasWildcard ? literal.startsWith(path) : template === path
  }
  return rules
    .filter(({ path }) => path.startsWith('/') && !patterns.some((pattern) => covers(pattern, path)))
    .map(({ name }) => name)
}
