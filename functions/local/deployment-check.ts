// Do serverless.yml and lanekeeper.config.ts say the same? Compares the model of the packaged CloudFormation with the
// configuration: what authorizers keep and under what, which strategy fits, which routes of an API have no rule, and
// which rules no route leads to. Every finding names its place and the remedy. Reads and compares; changes nothing.

import { describeClash } from '../aws/table/proof.ts'
import { planTable } from '../aws/table/policy.ts'
import { createRouteTable } from '../../shared/routes/route-table.ts'
import type { ResolvedAuthorizer, ResolvedConfig, ResolvedRoute } from '../../shared/index.ts'
import { selectHttpRoute } from './api-gateway/http-route.ts'
import type {
  HttpAuthorizer,
  IdentitySource,
  Model,
  RequestAuthorizer,
  RestAuthorizer,
} from './api-gateway/model.ts'
import { ANY_METHODS, selectRestRoute } from './api-gateway/rest-route.ts'

export interface DeploymentFinding {
  /** `warning`: it will work, and should be known. */
  readonly weight: 'problem' | 'warning'
  readonly place: string
  readonly message: string
}

type AnyAuthorizer = RestAuthorizer | HttpAuthorizer | RequestAuthorizer
type Kind = 'REST' | 'HTTP' | 'WebSocket'

interface Guarded {
  readonly kind: Kind
  readonly authorizer: AnyAuthorizer
}

interface ApiRoute {
  readonly api: Kind
  readonly method: string
  readonly path: string
  readonly isGuarded: boolean
}

const has = (sources: readonly IdentitySource[], from: IdentitySource['from'], name: string): boolean =>
  sources.some((source) => source.from === from && source.name.toLowerCase() === name.toLowerCase())

function authorizersOf({ restApi, httpApi, webSocketApi }: Model): Guarded[] {
  const all: Guarded[] = [
    ...(restApi?.resources ?? []).flatMap(({ methods }) =>
      [...methods.values()].flatMap(({ authorizer }) =>
        authorizer ? [{ kind: 'REST' as const, authorizer }] : [],
      ),
    ),
    ...(httpApi?.routes ?? []).flatMap(({ authorizer }) =>
      authorizer ? [{ kind: 'HTTP' as const, authorizer }] : [],
    ),
    ...(webSocketApi?.routes ?? []).flatMap(({ authorizer }) =>
      authorizer ? [{ kind: 'WebSocket' as const, authorizer }] : [],
    ),
  ]
  return [...new Map(all.map((each) => [each.authorizer, each])).values()]
}

function routesOf({ restApi, httpApi }: Model): ApiRoute[] {
  return [
    ...(restApi?.resources ?? []).flatMap(({ path, methods }) =>
      [...methods].map(([method, { authorizer }]) => ({
        api: 'REST' as const,
        method,
        path,
        isGuarded: authorizer !== undefined,
      })),
    ),
    ...(httpApi?.routes ?? [])
      .filter(({ key }) => key !== '$default')
      .map(({ key, authorizer }) => {
        const [method = '', path = ''] = key.split(' ')
        return { api: 'HTTP' as const, method, path, isGuarded: authorizer !== undefined }
      }),
  ]
}

/** A path that the template matches, with texts that no literal is likely to be. */
const examplePath = (template: string): string =>
  template.replace(/\{[^}]*\+\}/g, 'some-text/some-more').replace(/\{[^}]*\}/g, 'some-text')

type Find = (weight: DeploymentFinding['weight'], message: string) => void

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
  ].filter((source) => source !== null)
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
    if (isNeeded && !has(sources, 'header', 'Authorization'))
      find('problem', 'does not have the Authorization field among its identity sources')
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
  if (kind !== 'WebSocket' && settings.strategy !== 'off' && authorizer.resultTtlSeconds !== resultTtlSeconds)
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
  else if (expected && resultTtlSeconds > 0)
    find('warning', 'keeps simple answers, which cannot end with the token; policies do')
}

function checkRoute(route: ApiRoute, config: ResolvedConfig, find: Find): void {
  const table = createRouteTable(config.routes, config.limits.maxPathBytes)
  const methods = route.method === 'ANY' ? ANY_METHODS : [route.method]
  const rules = methods.map((method) => table.match(method, examplePath(route.path)))
  const covered = rules.filter((rule): rule is ResolvedRoute => !('code' in rule))
  if (covered.length === 0)
    return find(
      'problem',
      'no rule covers it, so every request is refused; add a rule, or take the route away',
    )
  const open = covered.find(({ demand }) => demand !== null)
  if (!route.isGuarded && open !== undefined)
    find('problem', `goes without an authorizer, and the rule ${open.name} wants a token; give it one`)
  if (route.isGuarded && covered.every(({ demand }) => demand === null))
    find('warning', `asks the authorizer about a public rule (${covered[0]!.name}); leave it out`)
}

function isReached({ path, methods }: ResolvedRoute, { restApi, httpApi, webSocketApi }: Model): string[] {
  if (path === '$connect')
    return webSocketApi?.routes.some(({ key }) => key === '$connect') ? [] : [...methods]
  const example = examplePath(path)
  return methods.filter(
    (method) =>
      selectRestRoute(restApi?.resources ?? [], method, example)?.method === undefined &&
      selectHttpRoute(httpApi?.routes ?? [], method, example) === undefined,
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

  for (const guarded of authorizersOf(model)) {
    const { logicalId, functionId } = guarded.authorizer
    const name = nameOf(functionId)
    const find = at(`${guarded.kind} authorizer ${logicalId}`)
    const settings = name ? config.aws.authorizers.get(name) : config.aws
    if (settings === undefined) {
      find(
        'problem',
        `runs with LANEKEEPER_AUTHORIZER ${name}, and aws.authorizers has no such entry; add it`,
      )
      continue
    }
    checkKey(guarded, settings, find)
    checkToken(guarded, settings, find)
    checkAnswer(guarded, settings, find)
  }
  for (const route of routesOf(model))
    checkRoute(route, config, at(`${route.api} route ${route.method} ${route.path}`))
  for (const rule of config.routes) {
    const missing = isReached(rule, model)
    if (missing.length > 0)
      at(`rule ${rule.name}`)(
        'problem',
        `no route of any API leads to ${missing.join(', ')} ${rule.path}; add the route, or take the rule away`,
      )
  }
  return findings
}

/** What stands against the table strategy, where an authorizer has it. */
export function checkTables(config: ResolvedConfig): readonly DeploymentFinding[] {
  const named: [string, ResolvedAuthorizer][] = [['aws', config.aws], ...config.aws.authorizers]
  if (!named.some(([, { strategy }]) => strategy === 'table')) return []
  const planned = planTable(config.routes)
  if ('plan' in planned) return []
  const places = named.filter(([, { strategy }]) => strategy === 'table').map(([name]) => name)
  return planned.clashes.map((clash) => ({
    weight: 'problem',
    place: `strategy of ${places.join(', ')}`,
    message: `${describeClash(clash)}; use exact`,
  }))
}
