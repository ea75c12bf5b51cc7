// What a run says when it is ready: what runs where, the rules with their demands, and a line to paste for each kind of
// request. Tokens are in no line: the shell asks `lanekeeper token` for them.

import { layOut } from '../../cli/table.ts'
import type { ResolvedConfig, ResolvedRoute } from '../../shared/index.ts'
import type { EdgeUrls } from './edges.ts'

export interface RunFacts {
  readonly config: ResolvedConfig
  readonly urls: EdgeUrls
  readonly issuer: string
  readonly origin: string
  readonly notes: readonly string[]
  /** Issuers with keys of their own. */
  readonly foreign: ReadonlySet<string>
}

const CONNECT = '$connect'

export function describeDemand({ demand, issuer }: ResolvedRoute): string {
  if (demand === null) return 'public'
  const { allOf, anyOf } = demand
  const scopes = [...allOf, ...(anyOf.length === 0 ? [] : [`one of ${anyOf.join(', ')}`])]
  const text = scopes.length === 0 ? 'an access token' : scopes.join(' and ')
  return issuer === null ? text : `${text}, of ${issuer}`
}

/** A path that the template matches. */
const examplePath = (template: string): string =>
  template.replace(/\{\w+\+\}/g, 'a/b').replace(/\{\w+\}/g, '1')

/** The scopes of one token that fits. */
const scopesFor = ({ demand }: ResolvedRoute): string[] => [
  ...(demand?.allOf ?? []),
  ...(demand?.anyOf.slice(0, 1) ?? []),
]

const quote = (text: string): string =>
  /^[\w:./$+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

/** The call that prints a token for the rule. */
export function tokenCall(route: ResolvedRoute, hasSeveral: boolean, ...more: readonly string[]): string {
  const scopes = scopesFor(route)
  const parts = [
    'npx lanekeeper token',
    ...(hasSeveral && route.issuer !== null ? [`--issuer ${route.issuer}`] : []),
    ...(scopes.length === 0 ? [] : [`--scope ${quote(scopes.join(' '))}`]),
    ...more,
  ]
  return `$(${parts.join(' ')})`
}

function curlFor(url: string, route: ResolvedRoute, token: string | null): string {
  const [method = 'GET'] = route.methods
  return [
    'curl -i',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(token === null ? [] : [`-H "Authorization: Bearer ${token}"`]),
    `'${url}${examplePath(route.path)}'`,
  ].join(' ')
}

/** wscat is the usual client; `webSocketToken` says where the token of the handshake is. */
function handshakeFor(
  url: string,
  route: ResolvedRoute,
  config: ResolvedConfig,
  hasSeveral: boolean,
): string {
  const token = tokenCall(route, hasSeveral)
  const places = [...config.aws.authorizers.values(), config.aws].map((one) => one.webSocketToken)
  const place = places.find((one) => one !== 'header') ?? 'header'
  if (route.demand === null) return `npx wscat -c ${url}`
  if (place === 'header') return `npx wscat -c ${url} -H "Authorization: Bearer ${token}"`
  if (place === 'protocol') return `npx wscat -c ${url} -s app.v1 -s bearer -s "${token}"`
  return `npx wscat -c "${url}?${place.query}=${token}"`
}

/** A line for each kind of rule on each edge, and one that is refused. */
export function exampleLines({ config, urls }: RunFacts): readonly string[] {
  const routes = config.routes.filter(({ path }) => path !== CONNECT)
  const connect = config.routes.find(({ path }) => path === CONNECT)
  const hasSeveral = new Set([...config.issuers.values()].map(({ name }) => name)).size > 1
  const first = (wanted: (route: ResolvedRoute) => boolean) =>
    routes.find((route) => wanted(route) && route.methods.includes('GET')) ?? routes.find(wanted)
  const open = first(({ demand }) => demand === null)
  const guarded = first(({ demand }) => demand !== null)
  const writing = routes.find(({ demand, methods }) => demand !== null && !methods.includes('GET'))
  const lines = [urls.worker, urls.rest, urls.http].flatMap((url) =>
    url === null
      ? []
      : [
          ...(open === undefined ? [] : [curlFor(url, open, null)]),
          ...[guarded, writing].flatMap((route, index, all) =>
            route === undefined || all.indexOf(route) !== index
              ? []
              : [curlFor(url, route, tokenCall(route, hasSeveral))],
          ),
        ],
  )
  const url = urls.worker ?? urls.rest ?? urls.http
  return [
    ...lines,
    ...(url === null || guarded === undefined
      ? []
      : [`${curlFor(url, guarded, tokenCall(guarded, hasSeveral, '--id-token'))}  # refused`]),
    ...(urls.webSocket === null || connect === undefined
      ? []
      : [handshakeFor(urls.webSocket, connect, config, hasSeveral)]),
  ]
}

const endpointsOf = ({ urls, issuer, origin }: RunFacts): [string, string][] => {
  const all: [string, string | null][] = [
    ['Worker (workerd)', urls.worker],
    ['REST API (local API Gateway)', urls.rest],
    ['HTTP API (local API Gateway)', urls.http],
    ['WebSocket API (local API Gateway)', urls.webSocket],
    ['local issuer', issuer],
    ['origin', origin],
  ]
  return all.flatMap(([title, url]) => (url === null ? [] : [[title, url]]))
}

const issuersOf = ({ config, foreign }: RunFacts): string[][] =>
  [...config.issuers.values()].map(({ label, name, issuer, profile }) => [
    label,
    issuer,
    profile.name,
    foreign.has(name) ? 'its own' : 'local',
  ])

/** The text of a run that is ready. */
export const describeRun = (facts: RunFacts): string =>
  [
    '',
    layOut(['running', 'at'], endpointsOf(facts)),
    '',
    layOut(['issuer', 'iss of its tokens', 'profile', 'keys'], issuersOf(facts)),
    '',
    layOut(
      ['methods', 'path', 'demand'],
      facts.config.routes.map((route) => [route.methods.join(','), route.path, describeDemand(route)]),
    ),
    ...(facts.notes.length === 0
      ? []
      : ['', 'Other than deployed:', ...facts.notes.map((note) => `- ${note}`)]),
    '',
    'Try it, in another terminal of this folder:',
    ...exampleLines(facts),
    '',
    'Decisions appear below. A change of the configuration is taken at once. Ctrl-C ends everything.',
  ].join('\n')

/** The same as data. */
export const readyDocument = (facts: RunFacts, plans: readonly string[]): object => ({
  version: 1,
  ok: true,
  event: 'ready',
  urls: { ...facts.urls, issuer: facts.issuer, origin: facts.origin },
  issuers: issuersOf(facts).map(([name, issuer, profile, keys]) => ({ name, issuer, profile, keys })),
  routes: facts.config.routes.map(({ methods, path, demand, issuer }) => ({
    ...{ methods, path, public: demand === null, issuer },
    allOf: demand?.allOf ?? [],
    anyOf: demand?.anyOf ?? [],
  })),
  plans,
  notes: facts.notes,
  examples: exampleLines(facts),
})
