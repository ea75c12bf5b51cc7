// Which parts of the tour apply: the tour states what the demo answers, so an edge takes part only if what it runs is the
// demo's as far as the tour can tell. What is left out is named with the first reason.

import { createRouteTable, type ResolvedConfig, type ResolvedRoute } from '../../shared/index.ts'
import { selectHttpRoute } from '../api-gateway/http-route.ts'
import type { Model } from '../api-gateway/model.ts'
import { selectRestRoute } from '../api-gateway/rest-route.ts'
import { routesOf, type AnyAuthorizer, type ApiKind } from '../../cli/api-routes.ts'
import type { EdgeName } from './tour-rows.ts'

export interface TourPlan {
  /** In the order of the tour. */
  readonly edges: readonly EdgeName[]
  readonly hasSockets: boolean
  /** `REST, TOKEN: why`, or one text for everything. Empty where the whole tour applies. */
  readonly leftOut: readonly string[]
}

const HANDSHAKE = ['GET $connect', ['orders:read']] as const

/** What the tour asks for, with the scopes of `allOf`; `null`: public. */
const RULES: readonly (readonly [name: string, scopes: readonly string[] | null])[] = [
  ['GET /health', null],
  ['GET /orders', ['orders:read']],
  ['POST /orders', ['orders:read', 'orders:write']],
  ['GET /invoices', ['invoices:read']],
  ['POST /invoices', ['invoices:read', 'invoices:write']],
  HANDSHAKE,
]

const ALL = RULES.map(([name]) => name)

const PUBLIC = 'GET /health'
const ORDERS = ['GET /orders', 'POST /orders']
const INVOICES = ['GET /invoices', 'POST /invoices']

/** Asked for by the tour, and covered by no rule. */
const NOWHERE = '/admin'

const findRule = ({ routes }: ResolvedConfig, name: string): ResolvedRoute | undefined =>
  routes.find(({ path, methods }) => methods.some((method) => `${method} ${path}` === name))

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted())

function isRuleOfTour(rule: ResolvedRoute | undefined, scopes: readonly string[] | null): boolean {
  if (rule === undefined || rule.reportOnly || rule.issuer !== null) return false
  if (rule.demand === null || scopes === null) return rule.demand === null && scopes === null
  return isSame(rule.demand.allOf, scopes) && rule.demand.anyOf.length === 0
}

/** The first of these rules that is another than that of the tour, or `null`. */
function findOtherRule(config: ResolvedConfig, names: readonly string[]): string | null {
  const other = RULES.find(
    ([name, scopes]) => names.includes(name) && !isRuleOfTour(findRule(config, name), scopes),
  )
  return other === undefined ? null : `lanekeeper.config.ts no longer has the rule ${other[0]} of the tour`
}

/** Why no part of the tour applies to the configuration, whatever is deployed, or `null`. */
export function findOtherConfig(config: ResolvedConfig): string | null {
  const parts = [[PUBLIC, ...ORDERS], [PUBLIC, ...INVOICES], [HANDSHAKE[0]]]
  if (parts.every((names) => findOtherRule(config, names) !== null)) return findOtherRule(config, ALL)
  const nowhere = createRouteTable(config.routes, config.limits.maxPathBytes).match('GET', NOWHERE)
  if (!('code' in nowhere)) return `lanekeeper.config.ts has a rule for ${NOWHERE}, which the tour has not`
  const settings: [name: string, isOther: boolean][] = [
    ['reportOnly', config.reportOnly],
    ['realm', config.realm !== 'api'],
    ['publicUrls', config.publicUrls.size > 0],
    ['resources', config.resources.length > 0],
    ['identity.headerPrefix', config.identity.headerPrefix !== 'x-lanekeeper-'],
    ['issuers', config.issuers.size !== 1],
  ]
  const changed = settings.find(([, isOther]) => isOther)
  return changed === undefined
    ? null
    : `lanekeeper.config.ts has another setting for ${changed[0]} than the tour`
}

interface Wanted {
  readonly api: ApiKind
  readonly names: readonly string[]
  readonly type: AnyAuthorizer['type']
  readonly strategy: 'exact' | 'table'
}

const WANTED: Readonly<Record<Exclude<EdgeName, 'worker'>, Wanted>> = {
  request: { api: 'REST', names: ORDERS, type: 'REQUEST', strategy: 'exact' },
  token: { api: 'REST', names: INVOICES, type: 'TOKEN', strategy: 'table' },
  http: { api: 'HTTP', names: ORDERS, type: 'REQUEST', strategy: 'exact' },
}

/** Whether a GET of this path ends up at a route of the API. */
export function isServed(model: Model, api: ApiKind, path: string): boolean {
  if (api === 'HTTP') return selectHttpRoute(model.httpApi?.routes ?? [], 'GET', path) !== undefined
  return selectRestRoute(model.restApi?.resources ?? [], 'GET', path)?.method !== undefined
}

type Settings = (authorizer: AnyAuthorizer) => ResolvedConfig['aws'] | undefined

function settingsIn(model: Model, { aws }: ResolvedConfig): Settings {
  return ({ functionId }) => {
    const lambda = model.functions.find(({ logicalId }) => logicalId === functionId)
    const name = lambda?.environment['LANEKEEPER_AUTHORIZER']
    return typeof name === 'string' ? (aws.authorizers.get(name) as ResolvedConfig['aws'] | undefined) : aws
  }
}

/** Why an API is another than that of the tour, or `null`. */
function findOtherApi(
  model: Model,
  config: ResolvedConfig,
  { api, names, type, strategy }: Wanted,
): string | null {
  const routes = routesOf(model).filter((route) => route.api === api)
  if (routes.length === 0) return `there is no ${api} API`
  const find = (name: string) => routes.find((route) => route.name === name)
  const missing = [PUBLIC, ...names].find((name) => find(name) === undefined)
  if (missing !== undefined) return `the ${api} API has no route ${missing}`
  if (find(PUBLIC)!.authorizer !== undefined) return `${PUBLIC} asks an authorizer`
  if (isServed(model, api, NOWHERE)) return `the ${api} API has a route for ${NOWHERE}`
  const settingsOf = settingsIn(model, config)
  for (const name of names) {
    const { authorizer } = find(name)!
    if (authorizer?.type !== type) return `${name} has no ${type} authorizer`
    if (authorizer.resultTtlSeconds === 0) return `the authorizer of ${name} keeps no answers`
    if (settingsOf(authorizer)?.strategy !== strategy)
      return `the strategy for ${name} is another than ${strategy}`
  }
  return findOtherRule(config, [PUBLIC, ...names])
}

function findOtherSockets({ webSocketApi }: Model, config: ResolvedConfig): string | null {
  if (webSocketApi === undefined) return 'there is no WebSocket API'
  const connect = webSocketApi.routes.find(({ key }) => key === '$connect')
  const reads = (wanted: string) => connect?.authorizer?.identitySources.some(({ name }) => name === wanted)
  if (!reads('Sec-WebSocket-Protocol')) return '$connect does not take the token from the subprotocols'
  if (!webSocketApi.routes.some(({ key, sendsResponse }) => key === '$default' && sendsResponse))
    return '$default answers nothing'
  return findOtherRule(config, [HANDSHAKE[0]])
}

const TITLES = {
  worker: 'Worker',
  request: 'REST, REQUEST',
  token: 'REST, TOKEN',
  http: 'HTTP API',
  sockets: 'WebSocket API',
} as const

/** `model`: of the packaged serverless.yml, where there is one. */
export function planTour(
  config: ResolvedConfig,
  { hasWorker, model }: { readonly hasWorker: boolean; readonly model: Model | null },
): TourPlan {
  const other = findOtherConfig(config)
  if (other !== null) return { edges: [], hasSockets: false, leftOut: [other] }
  const why: Record<keyof typeof TITLES, string | null> = {
    worker: hasWorker ? findOtherRule(config, [PUBLIC, ...ORDERS]) : 'there is no wrangler.toml',
    request: model && findOtherApi(model, config, WANTED.request),
    token: model && findOtherApi(model, config, WANTED.token),
    http: model && findOtherApi(model, config, WANTED.http),
    sockets: model && findOtherSockets(model, config),
  }
  const names = Object.keys(TITLES) as (keyof typeof TITLES)[]
  const without = (name: keyof typeof TITLES) => (name !== 'worker' && model === null) || why[name] !== null
  const leftOut = names
    .filter((name) => model !== null || name === 'worker')
    .flatMap((name) => (why[name] === null ? [] : `${TITLES[name]}: ${why[name]}`))
  // Of what there is: one rule that nothing can do without is named once.
  const reasons = new Set(
    Object.values(why).filter((text) => text !== null && !text.startsWith('there is no')),
  )
  const rule = findOtherRule(config, ALL)
  if (names.every(without) && rule !== null && reasons.size === 1 && reasons.has(rule))
    return { edges: [], hasSockets: false, leftOut: [rule] }
  return {
    edges: names.filter((name) => name !== 'sockets').filter((name) => !without(name)),
    hasSockets: !without('sockets'),
    leftOut: model === null ? [...leftOut, 'API Gateway: there is no serverless.yml'] : leftOut,
  }
}
