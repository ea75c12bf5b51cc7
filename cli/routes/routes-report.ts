// The table of rules of one stage for `lanekeeper routes`, as a document and as text.

import {
  publishedPaths,
  type ResolvedAuthorizer,
  type ResolvedConfig,
  type ResolvedRoute,
} from '../../shared/index.ts'
import type { Edges } from '../edges.ts'
import { findUnregistered } from '../method-notes.ts'
import { layOut, layOutWithin, paint, type Cell } from '../table.ts'
import { describeDemand } from './demand.ts'
import { findEdgeLimits, functionsOf, type EdgeLimit } from './edge-limits.ts'
import { describeEdges } from './gateway-edges.ts'
import { inOrder } from './rule-order.ts'

interface RuleDocument {
  /** Its place in the configuration: `routes[2]`. */
  readonly setting: string
  readonly methods: readonly string[]
  readonly path: string
  /** `METHOD /path/template`, as log lines have it in `route`. */
  readonly name: string
  /** Identifiers of the resources that its paths may belong to; empty: none. */
  readonly resources: readonly string[]
  /** What is demanded, one text each; `public` alone: nothing. */
  readonly demand: readonly string[]
  readonly reportOnly: boolean
}

interface FunctionDocument {
  readonly setting: string
  readonly strategy: ResolvedAuthorizer['strategy']
  /** `null`: unknown. */
  readonly resultTtlSeconds: number | null
  readonly httpApiResponse: ResolvedAuthorizer['httpApiResponse']
  /** Where the token of a WebSocket handshake is. */
  readonly webSocketToken: ResolvedAuthorizer['webSocketToken']
  /** `none`: it refuses bound tokens. */
  readonly senderConstraint: 'none' | null
}

/** Requests that the Worker answers before any rule, without an access token. */
interface AnsweredDocument {
  readonly methods: readonly string[]
  readonly path: string
  readonly what: string
}

export interface RoutesDocument {
  readonly version: 1
  readonly ok: true
  /** `null`: the configuration has no stages. */
  readonly stage: string | null
  /** Whether no refusal is enforced, also where no rule covers the request. */
  readonly reportOnly: boolean
  /** In the order in which they are tried: the first path that covers a request decides. */
  readonly rules: readonly RuleDocument[]
  readonly answered: readonly AnsweredDocument[]
  /** The authorizer functions of API Gateway. Empty: the stage has none. */
  readonly functions: readonly FunctionDocument[]
  readonly limits: readonly EdgeLimit[]
  /** Methods that are probably misspelled. */
  readonly notes: readonly string[]
}

const toFunction = ([setting, one]: readonly [string, ResolvedAuthorizer]): FunctionDocument => ({
  setting,
  strategy: one.strategy,
  resultTtlSeconds: one.strategy === 'off' ? 0 : one.resultTtlSeconds,
  httpApiResponse: one.httpApiResponse,
  webSocketToken: one.webSocketToken,
  senderConstraint: one.senderConstraint ?? null,
})

const answeredBy = (config: ResolvedConfig): readonly AnsweredDocument[] => [
  ...publishedPaths(config).map(({ path, what }) => ({ methods: ['GET', 'HEAD'], path, what })),
  ...(config.revocation?.logout
    ? [
        {
          methods: ['POST'],
          path: config.revocation.logout.path,
          what: 'the receiver of logout tokens, which an issuer signs',
        },
      ]
    : []),
  ...(config.cors === null
    ? []
    : [
        {
          methods: ['OPTIONS'],
          path: 'every path with a rule for the requested method',
          what:
            config.cors.preflight === 'pass'
              ? 'a CORS preflight, which the origin answers'
              : 'the answer to a CORS preflight',
        },
      ]),
]

const toRule = (route: ResolvedRoute, config: ResolvedConfig): RuleDocument => ({
  setting: `routes[${config.routes.indexOf(route)}]`,
  methods: route.methods,
  path: route.path,
  name: route.name,
  resources: route.resources.map(({ identifier }) => identifier),
  demand: describeDemand(route, config),
  reportOnly: config.reportOnly || route.reportOnly,
})

/** `edges`: those that the stage has. */
export const toRoutesDocument = (
  config: ResolvedConfig,
  stage: string | null,
  edges: Edges,
): RoutesDocument => ({
  version: 1,
  ok: true,
  stage,
  reportOnly: config.reportOnly,
  rules: inOrder(config.routes).map((route) => toRule(route, config)),
  answered: edges.hasWorker ? answeredBy(config) : [],
  functions: edges.hasLambda ? functionsOf(config).map(toFunction) : [],
  limits: findEdgeLimits(config, edges),
  notes: findUnregistered(config.routes),
})

/** Lines of the text are no longer, as long as paths are not. */
const WIDTH = 118

const describeLifetime = (seconds: number | null): string =>
  seconds === null ? 'unknown' : seconds === 0 ? 'not at all' : `${seconds} s`

const REPORTED = ' (report-only: a refusal is recorded, not enforced)'

const refused = (reportOnly: boolean): Cell =>
  reportOnly ? { text: `refused${REPORTED}` } : { text: 'refused', colour: 'red' }

const layOutRules = ({ rules, reportOnly }: RoutesDocument): string =>
  layOutWithin(
    WIDTH,
    ['rule', 'methods', 'path', 'demands'],
    [
      ...rules.map(({ setting, methods, path, demand, reportOnly: isReported }) => [
        setting,
        path.startsWith('/') && methods.includes('GET') && !methods.includes('HEAD')
          ? `${methods.join(' ')} (HEAD)`
          : methods.join(' '),
        path,
        `${demand.join('; ')}${isReported ? REPORTED : ''}`,
      ]),
      ['', 'another', 'a path above', refused(reportOnly)],
      ['', 'any', 'another path', refused(reportOnly)],
    ],
  )

const describeToken = (place: FunctionDocument['webSocketToken']): string =>
  typeof place === 'object' ? `query ${place.query}` : place

const layOutFunctions = ({ functions }: RoutesDocument): string =>
  layOut(
    ['function', 'strategy', 'answers are kept', 'on HTTP APIs', 'token of a handshake', 'bound tokens'],
    functions.map(
      ({ setting, strategy, resultTtlSeconds, httpApiResponse, webSocketToken, senderConstraint }) => [
        setting,
        strategy,
        describeLifetime(resultTtlSeconds),
        httpApiResponse,
        describeToken(webSocketToken),
        senderConstraint === 'none' ? 'refused' : 'by rule',
      ],
    ),
  )

const layOutLimits = ({ limits }: RoutesDocument): string =>
  layOutWithin(
    WIDTH,
    ['edge', 'rule', 'what it does instead, or cannot do'],
    limits.map(({ edges, rule, text }) => [describeEdges(edges), rule ?? 'every rule', text]),
  )

const section = (heading: string, table: string): string => `${heading}\n\n${table}`

/** `title`: the configuration file, and the stage if there is one. */
export function describeRoutes(document: RoutesDocument, title: string): string {
  const { answered, functions, limits, notes } = document
  return [
    section(
      `${paint('bold', title)}\nThe first path that covers a request decides, for every method.`,
      layOutRules(document),
    ),
    ...(answered.length === 0
      ? []
      : [
          section(
            'The Worker answers these requests before it looks for a rule, without an access token:',
            layOutWithin(
              WIDTH,
              ['methods', 'path', 'answer'],
              answered.map(({ methods, path, what }) => [methods.join(' '), path, what]),
            ),
          ),
        ]),
    ...(functions.length === 0
      ? []
      : [
          section(
            'Authorizer functions of API Gateway, each for the routes that it is given:',
            layOutFunctions(document),
          ),
        ]),
    ...(limits.length === 0 ? [] : [section('What an edge cannot express:', layOutLimits(document))]),
    ...notes.map((note) => `warning: ${note}`),
  ].join('\n\n')
}
