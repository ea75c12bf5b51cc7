// Selects the parts of the tour that apply. The tour expects the answers of the demo, so an edge takes part only if its
// routes, rules and settings are those of the demo, as far as the tour depends on them. A skipped edge has one reason.

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
  /** `REST, TOKEN: reason` for each skipped edge, or one reason for all. Empty if the whole tour applies. */
  readonly skipped: readonly string[]
}

const HANDSHAKE = ['GET $connect', ['orders:read']] as const

/** The rules that the tour needs, each with the scopes of its `allOf`. `null`: the rule is public. */
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

/** A path that the tour requests and no rule covers. */
const UNKNOWN_PATH = '/admin'

const findRule = ({ routes }: ResolvedConfig, name: string): ResolvedRoute | undefined =>
  routes.find(({ path, methods }) => methods.some((method) => `${method} ${path}` === name))

const isSame = (one: readonly string[], other: readonly string[]): boolean =>
  JSON.stringify(one.toSorted()) === JSON.stringify(other.toSorted())

function isRuleOfTour(rule: ResolvedRoute | undefined, scopes: readonly string[] | null): boolean {
  if (rule === undefined || rule.reportOnly || rule.issuer !== null) return false
  if (rule.demand === null || scopes === null) return rule.demand === null && scopes === null
  return isSame(rule.demand.allOf, scopes) && rule.demand.anyOf.length === 0
}

/** Why one of these rules differs from that of the tour, or `null`. */
function findOtherRule(config: ResolvedConfig, names: readonly string[]): string | null {
  const other = RULES.find(
    ([name, scopes]) => names.includes(name) && !isRuleOfTour(findRule(config, name), scopes),
  )
  return other === undefined ? null : `lanekeeper.config.ts no longer has the rule ${other[0]} of the tour`
}

/** Why no part of the tour applies to the configuration on any edge, or `null`. */
export function findOtherConfig(config: ResolvedConfig): string | null {
  const parts = [[PUBLIC, ...ORDERS], [PUBLIC, ...INVOICES], [HANDSHAKE[0]]]
  if (parts.every((names) => findOtherRule(config, names) !== null)) return findOtherRule(config, ALL)
  const match = createRouteTable(config.routes, config.limits.maxPathBytes).match('GET', UNKNOWN_PATH)
  if (!('code' in match))
    return `lanekeeper.config.ts has a rule for ${UNKNOWN_PATH}, and that of the tour has none`
  const settings: [name: string, isOther: boolean][] = [
    ['reportOnly', config.reportOnly],
    ['realm', config.realm !== 'api'],
    ['publicUrls', config.publicUrls.size > 0],
    ['resources', config.resources.length > 0],
    ['identity.headerPrefix', config.identity.headerPrefix !== 'x-lanekeeper-'],
    ['issuers', config.issuers.size !== 1],
  ]
  const changedSetting = settings.find(([, isOther]) => isOther)
  return changedSetting === undefined
    ? null
    : `lanekeeper.config.ts has another setting for ${changedSetting[0]} than the tour`
}

interface ExpectedApi {
  readonly api: ApiKind
  readonly names: readonly string[]
  readonly type: AnyAuthorizer['type']
  readonly strategy: 'exact' | 'table'
}

const EXPECTED_APIS: Readonly<Record<Exclude<EdgeName, 'worker'>, ExpectedApi>> = {
  request: { api: 'REST', names: ORDERS, type: 'REQUEST', strategy: 'exact' },
  token: { api: 'REST', names: INVOICES, type: 'TOKEN', strategy: 'table' },
  http: { api: 'HTTP', names: ORDERS, type: 'REQUEST', strategy: 'exact' },
}

/** Whether a route of the API serves a GET of this path. */
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

/** Why an API differs from that of the tour, or `null`. */
function findOtherApi(
  model: Model,
  config: ResolvedConfig,
  { api, names, type, strategy }: ExpectedApi,
): string | null {
  const routes = routesOf(model).filter((route) => route.api === api)
  if (routes.length === 0) return `there is no ${api} API`
  const find = (name: string) => routes.find((route) => route.name === name)
  const missing = [PUBLIC, ...names].find((name) => find(name) === undefined)
  if (missing !== undefined) return `the ${api} API has no route ${missing}`
  if (find(PUBLIC)!.authorizer !== undefined) return `${PUBLIC} has an authorizer`
  if (isServed(model, api, UNKNOWN_PATH)) return `the ${api} API has a route for ${UNKNOWN_PATH}`
  const settingsOf = settingsIn(model, config)
  for (const name of names) {
    const { authorizer } = find(name)!
    if (authorizer?.type !== type) return `${name} has no ${type} authorizer`
    if (authorizer.resultTtlSeconds === 0) return `the authorizer of ${name} caches no answers`
    if (settingsOf(authorizer)?.strategy !== strategy) return `the strategy for ${name} is not ${strategy}`
  }
  return findOtherRule(config, [PUBLIC, ...names])
}

function findOtherSockets({ webSocketApi }: Model, config: ResolvedConfig): string | null {
  if (webSocketApi === undefined) return 'there is no WebSocket API'
  const connect = webSocketApi.routes.find(({ key }) => key === '$connect')
  const reads = (headerName: string) =>
    connect?.authorizer?.identitySources.some(({ name }) => name === headerName)
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

/** `model`: that of the packaged serverless.yml, or `null` without one. */
export function planTour(
  config: ResolvedConfig,
  { hasWorker, model }: { readonly hasWorker: boolean; readonly model: Model | null },
): TourPlan {
  const other = findOtherConfig(config)
  if (other !== null) return { edges: [], hasSockets: false, skipped: [other] }
  const reasonOf: Record<keyof typeof TITLES, string | null> = {
    worker: hasWorker ? findOtherRule(config, [PUBLIC, ...ORDERS]) : 'there is no wrangler.toml',
    request: model && findOtherApi(model, config, EXPECTED_APIS.request),
    token: model && findOtherApi(model, config, EXPECTED_APIS.token),
    http: model && findOtherApi(model, config, EXPECTED_APIS.http),
    sockets: model && findOtherSockets(model, config),
  }
  const names = Object.keys(TITLES) as (keyof typeof TITLES)[]
  const isSkipped = (name: keyof typeof TITLES) =>
    (name !== 'worker' && model === null) || reasonOf[name] !== null
  const skipped = names
    .filter((name) => model !== null || name === 'worker')
    .flatMap((name) => (reasonOf[name] === null ? [] : `${TITLES[name]}: ${reasonOf[name]}`))
  // If the same rule is the reason for every existing edge, it is stated once.
  const reasons = new Set(
    Object.values(reasonOf).filter((text) => text !== null && !text.startsWith('there is no')),
  )
  const rule = findOtherRule(config, ALL)
  if (names.every(isSkipped) && rule !== null && reasons.size === 1 && reasons.has(rule))
    return { edges: [], hasSockets: false, skipped: [rule] }
  return {
    edges: names.filter((name) => name !== 'sockets').filter((name) => !isSkipped(name)),
    hasSockets: !isSkipped('sockets'),
    skipped: model === null ? [...skipped, 'API Gateway: there is no serverless.yml'] : skipped,
  }
}
