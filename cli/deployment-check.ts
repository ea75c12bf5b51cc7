// Do serverless.yml and lanekeeper.config.ts say the same? Compares the model of the packaged CloudFormation with the
// configuration: what authorizers keep and under what, which strategy fits, which routes of an API have no rule, and
// which rules no route leads to. Every finding names its place and the remedy. Reads and compares; changes nothing.

import { describeClash } from '../functions/aws/table/proof.ts'
import { planTable } from '../functions/aws/table/policy.ts'
import type { ResolvedAuthorizer, ResolvedConfig, ResolvedRoute } from '../shared/index.ts'
import type { IdentitySource, Model } from '../local/api-gateway/model.ts'
import { describeUnregistered, nearestTo } from './method-notes.ts'
import { routesOf, rulesBehind, type AnyAuthorizer, type ApiKind, type ApiRoute } from './api-routes.ts'

export interface DeploymentFinding {
  /** `warning`: it will work, and should be known. */
  readonly weight: 'problem' | 'warning'
  readonly place: string
  readonly message: string
}

interface Guarded {
  readonly kind: ApiKind
  readonly authorizer: AnyAuthorizer
}

const has = (sources: readonly IdentitySource[], from: IdentitySource['from'], name: string): boolean =>
  sources.some((source) => source.from === from && source.name.toLowerCase() === name.toLowerCase())

const hasToken = (sources: readonly IdentitySource[]): boolean => has(sources, 'header', 'Authorization')

function authorizersOf(model: Model): Guarded[] {
  const all = routesOf(model).flatMap(({ api, authorizer }) =>
    authorizer ? [{ kind: api, authorizer }] : [],
  )
  return [...new Map(all.map((each) => [each.authorizer, each])).values()]
}

type Find = (weight: DeploymentFinding['weight'], message: string) => void

/** Whether the function would refuse every request of an HTTP API that keeps answers (functions/aws/identity-source.ts). */
const isRefused = (authorizer: AnyAuthorizer): boolean =>
  'payloadVersion' in authorizer &&
  authorizer.identitySources.length > 0 &&
  !(
    hasToken(authorizer.identitySources) &&
    has(authorizer.identitySources, 'context', 'httpMethod') &&
    has(authorizer.identitySources, 'context', 'path') &&
    has(authorizer.identitySources, 'context', 'routeKey') &&
    (authorizer.payloadVersion === '2.0' || authorizer.identitySources.length === 4)
  )

/** How serverless.yml begins the name of what a request has. */
const REQUEST_OF = { REST: 'method.request', HTTP: '$request', WebSocket: 'route.request' } as const

/** Whether the Authorization field is all that an authorizer lacks, so that no other remedy is wanted. */
function lacksOnlyToken(authorizer: AnyAuthorizer): boolean {
  if (authorizer.type === 'TOKEN' || hasToken(authorizer.identitySources)) return false
  const token: IdentitySource = { from: 'header', name: 'Authorization' }
  return !isRefused({ ...authorizer, identitySources: [...authorizer.identitySources, token] })
}

/** What an answer is kept under has to tell apart whatever it does not grant. */
function checkKey({ kind, authorizer }: Guarded, { strategy }: ResolvedAuthorizer, find: Find): void {
  const { resultTtlSeconds } = authorizer
  if (strategy === 'off' && resultTtlSeconds > 0)
    return find(
      'problem',
      `keeps answers for ${resultTtlSeconds} s and its strategy is off; set the lifetime to 0`,
    )
  if (strategy === 'table' && authorizer.type !== 'TOKEN')
    return find('problem', 'has the strategy table, which is for TOKEN authorizers; use exact')
  if (strategy !== 'exact' || resultTtlSeconds === 0) return
  if (authorizer.type === 'TOKEN')
    return find(
      'problem',
      'keeps answers about one request under the token alone, so the next path fails; use the strategy table, REQUEST, or a lifetime of 0',
    )
  const prefix = kind === 'REST' ? '' : '$'
  const missing = [
    has(authorizer.identitySources, 'context', 'httpMethod') ? null : `${prefix}context.httpMethod`,
    has(authorizer.identitySources, 'context', 'path') ? null : `${prefix}context.path`,
    kind === 'HTTP' && !has(authorizer.identitySources, 'context', 'routeKey') ? '$context.routeKey' : null,
  ].filter((source) => source !== null)
  // Without the Authorization field it is refused, too: checkToken says so.
  if (missing.length === 0 && hasToken(authorizer.identitySources) && isRefused(authorizer))
    return find(
      'problem',
      'keeps answers with payload 1.0, which shows identity sources joined; leave no others than $request.header.Authorization, $context.httpMethod, $context.path and $context.routeKey, or take payload 2.0',
    )
  if (missing.length > 0)
    find(
      'problem',
      `keeps answers about one request; add the identity ${missing.length === 1 ? 'source' : 'sources'} ${missing.join(' and ')}`,
    )
}

function checkToken({ kind, authorizer }: Guarded, { webSocketToken }: ResolvedAuthorizer, find: Find): void {
  if (authorizer.type === 'TOKEN') {
    if (authorizer.header.toLowerCase() !== 'authorization')
      find(
        'problem',
        `reads the token from ${authorizer.header}; its identity source must be the Authorization field`,
      )
    if (authorizer.validation === undefined)
      find('warning', 'has no identityValidationExpression, so junk is paid for; serverless.yml shows one')
    return
  }
  const sources = authorizer.identitySources
  if (kind !== 'WebSocket' || webSocketToken === 'header') {
    const isNeeded = authorizer.resultTtlSeconds > 0 || sources.length > 0
    if (isNeeded && !hasToken(sources))
      find(
        'problem',
        `does not have the Authorization field among its identity sources; add ${REQUEST_OF[kind]}.header.Authorization`,
      )
    return
  }
  if (webSocketToken === 'protocol') {
    if (!has(sources, 'header', 'Sec-WebSocket-Protocol'))
      find(
        'problem',
        'takes the token from Sec-WebSocket-Protocol; make route.request.header.Sec-WebSocket-Protocol its identity source',
      )
    return
  }
  find(
    'warning',
    `takes the token from the query (${webSocketToken.query}), where logs and histories keep it`,
  )
  if (!has(sources, 'querystring', webSocketToken.query))
    find(
      'problem',
      `takes the token from the query; make route.request.querystring.${webSocketToken.query} its identity source`,
    )
}

function checkAnswer({ kind, authorizer }: Guarded, settings: ResolvedAuthorizer, find: Find): void {
  const { resultTtlSeconds } = settings
  if (resultTtlSeconds === null && authorizer.resultTtlSeconds > 0)
    find(
      'problem',
      `keeps answers for ${authorizer.resultTtlSeconds} s and the configuration does not say so; set resultTtlSeconds to ${authorizer.resultTtlSeconds}`,
    )
  if (
    resultTtlSeconds === null &&
    authorizer.resultTtlSeconds === 0 &&
    isRefused(authorizer) &&
    !lacksOnlyToken(authorizer)
  )
    find(
      'problem',
      'keeps nothing and the configuration does not say so, so the function would refuse every request; set resultTtlSeconds to 0',
    )
  if (
    kind !== 'WebSocket' &&
    settings.strategy !== 'off' &&
    resultTtlSeconds !== null &&
    authorizer.resultTtlSeconds !== resultTtlSeconds
  )
    find(
      'problem',
      `keeps answers for ${authorizer.resultTtlSeconds} s and the configuration says ${resultTtlSeconds}; make resultTtlInSeconds and resultTtlSeconds the same`,
    )
  if (kind !== 'HTTP' || !('simpleResponses' in authorizer) || authorizer.payloadVersion !== '2.0') return
  const expected = settings.httpApiResponse === 'simple'
  if (authorizer.simpleResponses !== expected)
    find(
      'problem',
      `expects ${authorizer.simpleResponses ? 'simple answers' : 'policies'} and httpApiResponse is ${settings.httpApiResponse}; change one of them`,
    )
  else if (expected && authorizer.resultTtlSeconds > 0)
    find('warning', 'keeps simple answers, which cannot end with the token; policies do')
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

function findMisspelled(config: ResolvedConfig, model: Model, routes: readonly ApiRoute[]): Misspelled[] {
  return config.routes.flatMap((rule) =>
    isReached(rule, model, routes).flatMap((method) => {
      const nearest = nearestTo(method)
      return nearest === null ? [] : [{ rule, method, nearest }]
    }),
  )
}

function checkRoute(
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

/** A table has no pattern for a parameter (functions/aws/table/patterns.ts), so it denies what such a rule covers. */
function checkNameable(
  { authorizer }: Guarded,
  { strategy }: ResolvedAuthorizer,
  routes: readonly ApiRoute[],
  config: ResolvedConfig,
  at: (place: string) => Find,
): void {
  if (strategy !== 'table') return
  for (const route of routes.filter((each) => each.authorizer === authorizer)) {
    const lacking = rulesBehind(route, config).find(({ path }) => path.includes('{'))
    if (lacking !== undefined)
      at(`${route.api} route ${route.name}`)(
        'problem',
        `has the strategy table, which denies every path of ${lacking.name}, because no pattern says what a parameter may hold; use exact and REQUEST`,
      )
  }
}

/** What API Gateway refuses before it asks the function, in words. */
function refusedUnasked({ authorizer }: Guarded): string[] {
  if (authorizer.type === 'TOKEN')
    return [
      `without ${authorizer.header}`,
      ...(authorizer.validation === undefined
        ? []
        : ['with a token that identityValidationExpression does not take']),
    ]
  const names = authorizer.identitySources.filter(({ from }) => from !== 'context').map(({ name }) => name)
  return names.length === 0 ? [] : [`without ${names.join(', ')}`]
}

/** Report-only is the function's: whatever is refused before it is asked is refused all the same. */
function checkReportOnly(guarded: Guarded, routes: readonly ApiRoute[], config: ResolvedConfig, find: Find) {
  const rules = routes
    .filter(({ authorizer }) => authorizer === guarded.authorizer)
    .flatMap((route) => rulesBehind(route, config))
  const watched = [...new Set(rules.filter(({ reportOnly }) => reportOnly).map(({ name }) => name))]
  const what = config.reportOnly ? 'everything' : watched.join('; ')
  const refused = refusedUnasked(guarded)
  if (what === '' || refused.length === 0) return
  const remedy =
    guarded.authorizer.type === 'TOKEN'
      ? 'a REQUEST authorizer without identity sources and with a lifetime of 0 lets these through'
      : 'without identity sources, and with a lifetime of 0, it lets these through'
  find(
    'warning',
    `only reports on ${what}, and API Gateway itself still refuses requests ${refused.join(' and ')}; ${remedy}`,
  )
}

function isReached(rule: ResolvedRoute, model: Model, routes: readonly ApiRoute[]): string[] {
  if (rule.path === '$connect')
    return model.webSocketApi?.routes.some(({ key }) => key === '$connect') ? [] : [...rule.methods]
  return rule.methods.filter((method) => !routes.some((route) => route.leads(method, rule)))
}

/** Whether the functions behind the authorizers run the stage that the template was packaged for. `undefined`: there are no stages. */
export function checkStage(model: Model, stage: string | undefined): readonly DeploymentFinding[] {
  const ids = new Set(authorizersOf(model).map(({ authorizer }) => authorizer.functionId))
  return model.functions
    .filter(({ logicalId }) => ids.has(logicalId))
    .flatMap(({ logicalId, environment: { LANEKEEPER_STAGE: runs } }) =>
      runs === stage
        ? []
        : {
            weight: 'problem' as const,
            place: `function ${logicalId}`,
            message:
              stage === undefined
                ? `is deployed with LANEKEEPER_STAGE ${String(runs)}, and the configuration has no stages; take it out of serverless.yml`
                : `is deployed to the stage ${stage} with LANEKEEPER_STAGE ${String(runs ?? 'not set')}; set it in serverless.yml`,
          },
    )
}

/** `nameOf`: the LANEKEEPER_AUTHORIZER of a function, or nothing. */
export function checkDeployment(
  model: Model,
  config: ResolvedConfig,
  nameOf: (functionId: string) => string | undefined,
): readonly DeploymentFinding[] {
  const findings: DeploymentFinding[] = []
  const at =
    (place: string): Find =>
    (weight, message) =>
      void findings.push({ weight, place, message })

  const routes = routesOf(model)
  for (const guarded of authorizersOf(model)) {
    const { logicalId, functionId } = guarded.authorizer
    const name = nameOf(functionId)
    const find = at(`${guarded.kind} authorizer ${logicalId}`)
    const settings = name ? config.aws.authorizers.get(name) : config.aws
    if (settings === undefined) {
      find(
        'problem',
        config.aws.authorizers.size === 0
          ? `runs with LANEKEEPER_AUTHORIZER ${name}, and the configuration has no aws.authorizers; add aws: { authorizers: { ${name}: {} } }, or take the variable out`
          : `runs with LANEKEEPER_AUTHORIZER ${name}, and aws.authorizers has no such entry; add it`,
      )
      continue
    }
    checkKey(guarded, settings, find)
    checkToken(guarded, settings, find)
    checkAnswer(guarded, settings, find)
    checkReportOnly(guarded, routes, config, find)
    checkNameable(guarded, settings, routes, config, at)
  }
  const misspelled = findMisspelled(config, model, routes)
  for (const route of routes.filter(({ api }) => api !== 'WebSocket'))
    checkRoute(route, config, misspelled, at(`${route.api} route ${route.name}`))
  for (const rule of config.routes) {
    const missing = isReached(rule, model, routes)
    const wrong = misspelled.filter((one) => one.rule === rule)
    const notes = wrong.map(({ method, nearest }) => `${describeUnregistered(method, nearest)}; write that, `)
    if (missing.length > 0)
      at(`rule ${rule.name}`)(
        'problem',
        `no route of any API leads to ${missing.join(', ')} ${rule.path}; ${notes.join('')}add the route, or take the rule away`,
      )
  }
  return findings
}

/** What stands against the table strategy, where an authorizer has it. */
export function checkTables(config: ResolvedConfig): readonly DeploymentFinding[] {
  const named: [string, ResolvedAuthorizer][] = [['aws', config.aws], ...config.aws.authorizers]
  if (!named.some(([, { strategy }]) => strategy === 'table')) return []
  const planned = planTable(config)
  if ('plan' in planned) return []
  const places = named.filter(([, { strategy }]) => strategy === 'table').map(([name]) => name)
  return planned.clashes.map((clash) => ({
    weight: 'problem',
    place: `strategy of ${places.join(', ')}`,
    message: `${describeClash(clash)}; use exact`,
  }))
}
