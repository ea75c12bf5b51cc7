// Compares the API routes of the deployment with the rules of the configuration. Finds API routes without a rule, API
// routes without the authorizer that their rule requires, preflights that need a token, and rules without an API route.

import type { ResolvedConfig, ResolvedRoute } from '../shared/index.ts'
import { rulesBehind, type ApiRoute } from './api-routes.ts'
import type { Find } from './deployment-finding.ts'
import { describeUnregistered, nearestTo } from './method-notes.ts'

/** What is wrong with a token for OPTIONS. */
export const NO_TOKEN = 'asks for a token, which preflights do not carry'

/** The methods of a rule that no API route serves. */
function unreachedMethods(rule: ResolvedRoute, routes: readonly ApiRoute[]): string[] {
  if (rule.path === '$connect')
    return routes.some(({ api, name }) => api === 'WebSocket' && name === '$connect') ? [] : [...rule.methods]
  return rule.methods.filter((method) => !routes.some((route) => route.serves(method, rule)))
}

/** A template without the names of its parameters. */
const formOf = (template: string): string => template.replace(/\{[^{}+]*(\+?)\}/g, '{$1}')

/**
 * The cache key of an HTTP API has the path in decoded form, cut at a decoded "?". So a cached answer may serve another
 * path of the same route, which is right only if one rule covers every path of the route.
 */
function checkDecodedPaths(
  { api, path, authorizer }: ApiRoute,
  rules: readonly ResolvedRoute[],
  find: Find,
): void {
  if (api !== 'HTTP' || !path.includes('{') || authorizer === undefined || authorizer.resultTtlSeconds === 0)
    return
  const others = rules.filter((rule) => formOf(rule.path) !== formOf(path)).map(({ name }) => name)
  if (others.length > 0)
    find(
      'problem',
      `caches answers, and two of its paths under different rules may have the same cache key (${others.join(', ')}); give each rule a route of its own, or cache nothing`,
    )
}

/**
 * Browsers send no token with a preflight. ANY and $default receive preflights, too, unless a more specific OPTIONS
 * route does, on an HTTP API even with CORS configured. Developer guide, "Configure CORS for HTTP APIs in API Gateway".
 */
function checkPreflights(route: ApiRoute, config: ResolvedConfig, find: Find): void {
  if (route.authorizer === undefined) return
  const isOptions = route.method === 'OPTIONS'
  const paths = [route, ...config.routes].filter(({ path }) => path.startsWith('/'))
  const receivesPreflights = paths.some((one) => route.serves('OPTIONS', one))
  if (!isOptions && !receivesPreflights) return
  find(
    'warning',
    isOptions
      ? `${NO_TOKEN}; leave the authorizer out`
      : `takes OPTIONS as well, and ${NO_TOKEN}; if browsers call it, add an OPTIONS ${
          route.api === 'HTTP' ? 'route' : 'method (cors)'
        } without an authorizer for its paths`,
    'AuthorizerId',
  )
}

/** A rule that no API route serves, because its method is probably misspelled. */
interface MethodTypo {
  readonly rule: ResolvedRoute
  readonly method: string
  readonly nearest: string
}

export function findMethodTypos(config: ResolvedConfig, routes: readonly ApiRoute[]): MethodTypo[] {
  return config.routes.flatMap((rule) =>
    unreachedMethods(rule, routes).flatMap((method) => {
      const nearest = nearestTo(method)
      return nearest === null ? [] : [{ rule, method, nearest }]
    }),
  )
}

/** Whether issuers send logout tokens to the route: it has the path of `revocation.logout`, which has no rule. */
const takesLogoutTokens = ({ path }: ApiRoute, { revocation }: ResolvedConfig): boolean =>
  revocation?.logout?.path === path

export function checkRoute(
  route: ApiRoute,
  config: ResolvedConfig,
  typos: readonly MethodTypo[],
  find: Find,
): void {
  checkPreflights(route, config, find)
  if (route.hasFixedAnswer) return
  if (takesLogoutTokens(route, config)) {
    if (route.authorizer !== undefined || route.otherAuthorization !== undefined)
      find(
        'problem',
        'takes logout tokens, with which no credential comes; leave the authorizer out',
        'AuthorizerId',
      )
    return
  }
  const rules = rulesBehind(route, config)
  if (route.otherAuthorization !== undefined)
    return rules.length === 0
      ? find('warning', `is decided by ${route.otherAuthorization}, without Lanekeeper`)
      : find(
          'problem',
          `is decided by ${route.otherAuthorization} without Lanekeeper, so the rule ${rules[0]!.name} is not enforced; give it the authorizer, or take the rule away`,
          'AuthorizationType',
        )
  // checkRule reports the rule with the misspelled method, which is meant for this route.
  if (rules.length === 0 && typos.some(({ rule, nearest }) => route.serves(nearest, rule))) return
  if (rules.length === 0)
    return find(
      'problem',
      route.authorizer === undefined
        ? 'no rule covers it, and it has no authorizer; add a public rule, or take the route away'
        : 'no rule covers it, so every request is refused; add a rule, or take the route away',
    )
  checkDecodedPaths(route, rules, find)
  const protectedRule = rules.find(({ demand }) => demand !== null)
  if (route.authorizer === undefined && protectedRule !== undefined)
    find(
      'problem',
      `has no authorizer, and the rule ${protectedRule.name} requires a token; give it one`,
      'AuthorizerId',
    )
  if (route.authorizer !== undefined && rules.every(({ demand }) => demand === null))
    find(
      'warning',
      `has an authorizer for a public rule (${rules[0]!.name}); take the authorizer out`,
      'AuthorizerId',
    )
}

export function checkRule(
  rule: ResolvedRoute,
  routes: readonly ApiRoute[],
  typos: readonly MethodTypo[],
  find: Find,
): void {
  const missing = unreachedMethods(rule, routes)
  const ruleTypos = typos.filter((one) => one.rule === rule)
  const notes = ruleTypos.map(
    ({ method, nearest }) => `${describeUnregistered(method, nearest)}; write that, `,
  )
  if (missing.length > 0)
    find(
      'problem',
      `no route of any API leads to ${missing.join(', ')} ${rule.path}; ${notes.join('')}add the route, or take the rule away`,
    )
}
