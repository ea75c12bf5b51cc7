// Do the routes of the deployment and the rules of the configuration lead to each other: routes without a rule or without the
// authorizer that it wants, preflights that are asked for a token, and rules that no route leads to.

import type { ResolvedConfig, ResolvedRoute } from '../shared/index.ts'
import type { Model } from '../local/api-gateway/model.ts'
import { rulesBehind, type ApiRoute } from './api-routes.ts'
import type { Find } from './deployment-finding.ts'
import { describeUnregistered, nearestTo } from './method-notes.ts'

/** The methods of a rule that no route leads to. */
function unreachedMethods(rule: ResolvedRoute, model: Model, routes: readonly ApiRoute[]): string[] {
  if (rule.path === '$connect')
    return model.webSocketApi?.routes.some(({ key }) => key === '$connect') ? [] : [...rule.methods]
  return rule.methods.filter((method) => !routes.some((route) => route.leads(method, rule)))
}

/** A template without the names of its parameters. */
const formOf = (template: string): string => template.replace(/\{[^{}+]*(\+?)\}/g, '{$1}')

/**
 * An HTTP API keeps under the path as it is shown, decoded and cut at a decoded "?", so an answer may serve another path of
 * the same route. That is right only where one rule covers every path of the route.
 */
function checkShownAlike(
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
      `keeps answers, and two of its paths that come under different rules may be shown alike (${others.join(', ')}); give each rule a route of its own, or keep nothing`,
    )
}

/**
 * Browsers send no token with a preflight, and ANY and $default take those, too, where no closer OPTIONS does: on an HTTP API
 * in spite of its CORS. Developer guide, "Configure CORS for HTTP APIs in API Gateway".
 */
function checkPreflights(route: ApiRoute, config: ResolvedConfig, find: Find): void {
  if (route.authorizer === undefined) return
  const isOptions = route.method === 'OPTIONS'
  const paths = [route, ...config.routes].filter(({ path }) => path.startsWith('/'))
  const takes = paths.some((one) => route.leads('OPTIONS', one))
  if (!isOptions && !takes) return
  find(
    'warning',
    isOptions
      ? 'asks for a token, which preflights do not carry; leave the authorizer out'
      : `takes OPTIONS as well, and asks for a token, which preflights do not carry; if browsers call it, add an OPTIONS ${
          route.api === 'HTTP' ? 'route' : 'method (cors)'
        } without an authorizer for its paths`,
  )
}

/** A rule that no route leads to by a method that is probably misspelled. */
interface Misspelled {
  readonly rule: ResolvedRoute
  readonly method: string
  readonly nearest: string
}

export function findMisspelled(
  config: ResolvedConfig,
  model: Model,
  routes: readonly ApiRoute[],
): Misspelled[] {
  return config.routes.flatMap((rule) =>
    unreachedMethods(rule, model, routes).flatMap((method) => {
      const nearest = nearestTo(method)
      return nearest === null ? [] : [{ rule, method, nearest }]
    }),
  )
}

export function checkRoute(
  route: ApiRoute,
  config: ResolvedConfig,
  misspelled: readonly Misspelled[],
  find: Find,
): void {
  checkPreflights(route, config, find)
  if (route.isFixed) return
  const covering = rulesBehind(route, config)
  if (route.decidedBy !== undefined)
    return covering.length === 0
      ? find('warning', `is decided by ${route.decidedBy}, and Lanekeeper is not asked`)
      : find(
          'problem',
          `is decided by ${route.decidedBy}, so Lanekeeper is not asked and the rule ${covering[0]!.name} is not enforced; give it the authorizer, or take the rule away`,
        )
  // The rule that is meant for it is a problem itself.
  if (covering.length === 0 && misspelled.some(({ rule, nearest }) => route.leads(nearest, rule))) return
  if (covering.length === 0)
    return find(
      'problem',
      route.authorizer === undefined
        ? 'no rule covers it, and nobody is asked; add a public rule, or take the route away'
        : 'no rule covers it, so every request is refused; add a rule, or take the route away',
    )
  checkShownAlike(route, covering, find)
  const open = covering.find(({ demand }) => demand !== null)
  if (route.authorizer === undefined && open !== undefined)
    find('problem', `goes without an authorizer, and the rule ${open.name} wants a token; give it one`)
  if (route.authorizer !== undefined && covering.every(({ demand }) => demand === null))
    find('warning', `asks the authorizer about a public rule (${covering[0]!.name}); leave it out`)
}

export function checkRule(
  rule: ResolvedRoute,
  model: Model,
  routes: readonly ApiRoute[],
  misspelled: readonly Misspelled[],
  find: Find,
): void {
  const missing = unreachedMethods(rule, model, routes)
  const wrong = misspelled.filter((one) => one.rule === rule)
  const notes = wrong.map(({ method, nearest }) => `${describeUnregistered(method, nearest)}; write that, `)
  if (missing.length > 0)
    find(
      'problem',
      `no route of any API leads to ${missing.join(', ')} ${rule.path}; ${notes.join('')}add the route, or take the rule away`,
    )
}
