// The capability table of docs/aws.md, cell by cell from the answers of the shipped APIs, once with each reading of
// what AWS leaves open. If the readings differ, the cell says so. The rows that no request can show come from the
// template reader and from check:config.

import { readTemplate } from '../../local/api-gateway/template.ts'
import { checkDeployment } from '../../cli/deployment-check.ts'
import { resolveConfig, type AwsConfig } from '../../shared/index.ts'
import { httpTemplate, restTemplate } from '../local/api-gateway/template-builder.ts'
import {
  APIS,
  startShippedApis,
  type Api,
  type ApiRequest,
  type Seen,
  type ShippedApis,
} from './shipped-apis.ts'

const byGateway = ({ calls }: Seen) => (calls === 0 ? ' by the gateway' : '')
const statusOf = (seen: Seen) => `${seen.status}${byGateway(seen)}`
const yesOrNo = (value: unknown) => (value === undefined ? 'no' : 'yes')

type Observe = (apis: ShippedApis, api: Api) => Promise<string>

/** One request with a token of these claims. */
const observing =
  (claims: Record<string, unknown> | null, toText: (seen: Seen) => string, more: ApiRequest = {}): Observe =>
  async (apis, api) => {
    const token = claims === null ? {} : { token: await apis.token(claims) }
    return toText(await apis.ask(api, { ...token, ...more }))
  }

const notForSockets =
  (instead: string, observe: Observe): Observe =>
  async (apis, api) =>
    api === 'webSocket' ? instead : observe(apis, api)

const EXPIRED = { exp: 1 }
const UNSCOPED = { scope: 'other' }
const PREFLIGHT: ApiRequest = { method: 'OPTIONS', headers: [['Access-Control-Request-Method', 'GET']] }

async function challenges(apis: ShippedApis, api: Api): Promise<string> {
  const bad = await apis.ask(api, { token: await apis.token(EXPIRED) })
  const unscoped = await apis.ask(api, { token: await apis.token(UNSCOPED) })
  const [first, second] = [bad, unscoped].map(({ headers }) => headers['www-authenticate'])
  if (first === undefined && second === undefined) return 'no'
  const words = (field: typeof first) => /error="(\w+)"/.exec(String(field))?.[1]
  const said = [bad, unscoped].map((seen, at) => `${seen.status}: ${nameError(words([first, second][at]))}`)
  return said.join('; ')
}
const nameError = (error: string | undefined) => (error === undefined ? 'plain' : `\`${error}\``)

async function whatIsKept(apis: ShippedApis, api: Api): Promise<string> {
  const token = await apis.token()
  const seen = [await apis.ask(api, { token }), await apis.ask(api, { token })]
  return seen[1]!.calls === 0 ? 'yes' : 'no'
}

/** A token that expires in a minute, used now, after it has expired, and again when the longest lifetime is over. */
async function afterExpiry(apis: ShippedApis, api: Api): Promise<string> {
  const token = await apis.token({ exp: Math.floor(Date.now() / 1000) + 60 })
  const first = await apis.ask(api, { token })
  apis.later(120_000)
  const then = await apis.ask(api, { token })
  apis.later(301_000)
  const last = await apis.ask(api, { token })
  apis.later(0)
  const isIn = ({ status }: Seen) => status < 300
  if (!isIn(first) || isIn(last)) throw new Error(`${api}: an answer outlives its lifetime`)
  return isIn(then) ? 'to the end of the lifetime' : 'refused'
}

async function trouble(apis: ShippedApis, api: Api): Promise<string> {
  apis.breakKeys(true)
  const seen = await apis.ask(api, { token: await apis.token() })
  apis.breakKeys(false)
  return `${seen.status}${seen.headers['retry-after'] === undefined ? '' : ', `Retry-After`'}`
}

async function contextTypes(apis: ShippedApis, api: Api): Promise<string> {
  const { caller } = await apis.ask(api, { token: await apis.token() })
  const types = new Set(Object.values(caller).map((value) => typeof value))
  return `${[...types].map((type) => `${type}s`).join(', ')}${api === 'webSocket' ? ', with every message' : ''}`
}

const ROWS: readonly [string, Observe][] = [
  ['an invalid token', observing(EXPIRED, statusOf)],
  ['a missing scope', observing(UNSCOPED, statusOf)],
  ['keys not available', trouble],
  ['no token', observing(null, statusOf)],
  ['an unknown route', notForSockets('only `$connect`', observing({}, statusOf, { path: '/nowhere' }))],
  ['a preflight', notForSockets('browsers send none', observing(null, statusOf, PREFLIGHT))],
  ['`WWW-Authenticate`', challenges],
  [
    'CORS headers on a refusal',
    observing(EXPIRED, ({ headers }) => yesOrNo(headers['access-control-allow-origin'])),
  ],
  ['answers are cached', whatIsKept],
  ['used after `exp`', afterExpiry],
  ['the context arrives as', contextTypes],
]

/** Choices that AWS leaves open and that these rows could depend on. */
const READINGS = [
  {},
  { cachedPolicyConditions: 'as-first-evaluated', httpApiCorsOnOwnAnswers: true, httpApiPath: 'as-received' },
] as const

const LIFETIME = 300

/** The strategies that check:config accepts, with cached answers where it permits them. */
function strategies(): string[] {
  const fits = (template: unknown, aws: AwsConfig) => {
    const config = resolveConfig({
      issuers: {
        main: {
          issuer: 'https://login.test.example',
          audience: 'https://api.test.example',
          profile: 'rfc9068',
          keys: { discovery: 'openid-configuration' },
        },
      },
      routes: [{ path: '/orders', methods: ['GET'], scope: 'none' }],
      aws: { httpApiResponse: 'policy', ...aws },
    })
    return checkDeployment(readTemplate(template), config, () => undefined).every(
      ({ severity }) => severity === 'warning',
    )
  }
  const named = (found: [string, boolean][]) =>
    found.flatMap(([name, isFit]) => (isFit ? [name] : [])).join(', ')
  const kept = { AuthorizerResultTtlInSeconds: LIFETIME }
  const none = { AuthorizerResultTtlInSeconds: 0 }
  const request = 'method.request.header.Authorization, context.httpMethod, context.path'
  const rest = (authorizer: object) => restTemplate({ authorizer: { ...authorizer } })
  const http = (authorizer: object) =>
    httpTemplate({
      authorizer: {
        EnableSimpleResponses: false,
        IdentitySource: [
          '$request.header.Authorization',
          '$context.httpMethod',
          '$context.path',
          '$context.routeKey',
        ],
        ...authorizer,
      },
    })
  const settings = (strategy: 'exact' | 'table') => ({ strategy, resultTtlSeconds: LIFETIME })
  return [
    named([
      [
        '`exact` (REQUEST)',
        fits(rest({ Type: 'REQUEST', IdentitySource: request, ...kept }), settings('exact')),
      ],
      ['`exact` (TOKEN)', fits(rest(kept), settings('exact'))],
      ['`table` (TOKEN)', fits(rest(kept), settings('table'))],
      [
        '`table` (REQUEST)',
        fits(rest({ Type: 'REQUEST', IdentitySource: request, ...kept }), settings('table')),
      ],
      ['`off`', fits(rest(none), { strategy: 'off' })],
    ]),
    named([
      ['`exact`', fits(http(kept), settings('exact'))],
      ['`table`', fits(http(kept), settings('table'))],
      ['`off`', fits(http(none), { strategy: 'off' })],
    ]),
    'no caching',
  ]
}

const unset = (seconds: number | undefined) => (seconds ? `${seconds} s` : 'not cached')

function lifetimesWhereUnset(): string[] {
  const absent = { AuthorizerResultTtlInSeconds: undefined }
  const rest = readTemplate(restTemplate({ authorizer: absent })).restApi!
  const { httpApi } = readTemplate(httpTemplate({ authorizer: absent }))
  const authorizer = rest.resources.flatMap(({ methods }) => [...methods.values()])[0]!.authorizer
  return [
    unset(authorizer?.resultTtlSeconds),
    unset(httpApi!.routes[0]!.authorizer?.resultTtlSeconds),
    'not cached',
  ]
}

/** `template`: the packaged CloudFormation of serverless.yml. */
export async function observeCapabilities(template: unknown): Promise<string[][]> {
  const readings: string[][][] = []
  for (const choices of READINGS) {
    const apis = await startShippedApis(template, choices)
    try {
      const rows: string[][] = []
      for (const [, observe] of ROWS) {
        const cells: string[] = []
        for (const api of APIS) cells.push(await observe(apis, api))
        rows.push(cells)
      }
      readings.push(rows)
    } finally {
      await apis.close()
    }
  }
  const [first, second] = readings
  const observed = ROWS.map(([name], row) => [
    name,
    ...first![row]!.map((cell, api) => {
      const other = second![row]![api]!
      return cell === other ? cell : `not documented: ${cell}, or ${other}`
    }),
  ])
  return [...observed, ['default cache lifetime', ...lifetimesWhereUnset()], ['strategies', ...strategies()]]
}
