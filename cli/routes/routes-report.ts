// The table of rules of one stage for `lanekeeper routes`, as a document and as text.

import { publishedPaths, type ResolvedAuthorizer, type ResolvedConfig } from '../../shared/index.ts'
import type { Edges } from '../edges.ts'
import { layOut, paint } from '../table.ts'
import { describeDemand } from './demand.ts'
import { findEdgeLimits, type EdgeLimit } from './edge-limits.ts'

interface RuleDocument {
  /** Its place in the configuration: `routes[2]`. */
  readonly setting: string
  readonly methods: readonly string[]
  readonly path: string
  /** `METHOD /path/template`, as log lines have it in `route`. */
  readonly name: string
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
}

export interface RoutesDocument {
  readonly version: 1
  readonly ok: true
  /** `null`: the configuration has no stages. */
  readonly stage: string | null
  readonly rules: readonly RuleDocument[]
  /** Paths that the Worker answers itself, before any rule. */
  readonly published: readonly { readonly path: string; readonly what: string }[]
  /** The authorizer functions of API Gateway. Empty: the stage has none. */
  readonly functions: readonly FunctionDocument[]
  readonly limits: readonly EdgeLimit[]
}

const toFunction = (setting: string, one: ResolvedAuthorizer): FunctionDocument => ({
  setting,
  strategy: one.strategy,
  resultTtlSeconds: one.strategy === 'off' ? 0 : one.resultTtlSeconds,
  httpApiResponse: one.httpApiResponse,
})

const functionsOf = ({ aws }: ResolvedConfig): readonly FunctionDocument[] =>
  aws.authorizers.size === 0
    ? [toFunction('aws', aws)]
    : [...aws.authorizers].map(([name, one]) => toFunction(`aws.authorizers.${name}`, one))

/** `edges`: those that the stage has. */
export const toRoutesDocument = (
  config: ResolvedConfig,
  stage: string | null,
  edges: Edges,
): RoutesDocument => ({
  version: 1,
  ok: true,
  stage,
  rules: config.routes.map((route, index) => ({
    setting: `routes[${index}]`,
    methods: route.methods,
    path: route.path,
    name: route.name,
    demand: describeDemand(route, config),
    reportOnly: config.reportOnly || route.reportOnly,
  })),
  published: edges.hasWorker ? publishedPaths(config).map(({ path, what }) => ({ path, what })) : [],
  functions: edges.hasLambda ? functionsOf(config) : [],
  limits: findEdgeLimits(config, edges),
})

const describeLifetime = (seconds: number | null): string =>
  seconds === null ? 'unknown' : seconds === 0 ? 'kept for no time' : `kept for ${seconds} s`

function layOutRules({ rules }: RoutesDocument): string {
  return layOut(
    ['rule', 'methods', 'path', 'demands'],
    [
      ...rules.map(({ setting, methods, path, demand, reportOnly }) => [
        setting,
        methods.join(' '),
        path,
        `${demand.join('; ')}${reportOnly ? ' (report-only: refusals are recorded, not enforced)' : ''}`,
      ]),
      ['', 'any other', 'request', { text: 'refused', colour: 'red' as const }],
    ],
  )
}

const layOutFunctions = ({ functions }: RoutesDocument): string =>
  layOut(
    ['function', 'strategy', 'answers', 'on HTTP APIs'],
    functions.map(({ setting, strategy, resultTtlSeconds, httpApiResponse }) => [
      setting,
      strategy,
      describeLifetime(resultTtlSeconds),
      httpApiResponse,
    ]),
  )

const layOutLimits = ({ limits }: RoutesDocument): string =>
  layOut(
    ['edge', 'rule', 'cannot be expressed'],
    limits.map(({ edges, rule, text }) => [edges.join(', '), rule ?? 'every rule', text]),
  )

/** `title`: the configuration file, and the stage if there is one. */
export function describeRoutes(document: RoutesDocument, title: string): string {
  const { published, functions, limits } = document
  const sections = [
    [paint('bold', title), layOutRules(document)],
    published.length === 0
      ? []
      : [
          'The Worker answers these paths itself, without a token:',
          layOut(
            ['path', 'document'],
            published.map(({ path, what }) => [path, what]),
          ),
        ],
    functions.length === 0
      ? []
      : ['API Gateway keeps what its authorizer functions answer:', layOutFunctions(document)],
    limits.length === 0 ? [] : ['What an edge cannot express:', layOutLimits(document)],
  ]
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join('\n\n'))
    .join('\n\n')
}
