// The route patterns of wrangler.toml, and the rules that none of them brings to the Worker. A pattern is a host and the
// beginning of a path: https://developers.cloudflare.com/workers/configuration/routing/routes/#matching-behavior

import type { ResolvedRoute } from '../shared/index.ts'

/** Of one environment, as wrangler reads them. */
export type WranglerSettings = Readonly<Record<string, unknown>>

interface Pattern {
  /** Whether it begins with `http://` or `https://`. */
  readonly scheme: boolean
  /** Whether every path of its host is meant. */
  readonly whole: boolean
  readonly previews: boolean
  /** What a path must begin with or, without a wildcard at the end, be. */
  readonly path: string
  readonly open: boolean
}

type GivenRoute =
  | string
  | { readonly pattern?: unknown; readonly custom_domain?: unknown; readonly previews_enabled?: unknown }

function toPattern(given: GivenRoute): Pattern {
  const {
    pattern,
    custom_domain: custom,
    previews_enabled: previews,
  } = typeof given === 'string' ? { pattern: given } : { ...given }
  const [, scheme = '', path = ''] = /^(https?:\/\/)?[^/]*(.*)$/s.exec(String(pattern))!
  const [, host = ''] = /^(?:https?:\/\/)?([^/]*)/.exec(String(pattern))!
  const whole = custom === true || path === '/*' || (path === '' && host.endsWith('*'))
  return {
    scheme: scheme !== '',
    whole,
    previews: previews === true,
    path: path.replace(/\*$/, ''),
    open: path.endsWith('*'),
  }
}

/** The patterns of one environment. */
export function patternsOf({ routes, route }: WranglerSettings): readonly Pattern[] {
  const given = [
    ...(Array.isArray(routes) ? (routes as GivenRoute[]) : []),
    ...(route === undefined ? [] : [route as GivenRoute]),
  ]
  return given.map(toPattern)
}

/** Names of the rules some path of which no pattern covers; none where there is no pattern at all. */
export function findUncoveredRules(
  settings: WranglerSettings,
  rules: readonly Pick<ResolvedRoute, 'path' | 'name'>[],
): readonly string[] {
  const patterns = patternsOf(settings)
  if (patterns.length === 0 || patterns.some(({ whole }) => whole)) return []
  const covers = ({ path, open }: Pattern, template: string): boolean => {
    const [literal = ''] = template.split('{')
    return open ? literal.startsWith(path) : template === path
  }
  return rules
    .filter(({ path }) => path.startsWith('/') && !patterns.some((pattern) => covers(pattern, path)))
    .map(({ name }) => name)
}
