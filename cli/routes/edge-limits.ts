// What an edge cannot express of the rules of a stage, for `lanekeeper routes`: of one rule (rule-limits.ts), of every
// rule, and what keeps the stage from being built for the edge at all, by the checks of the compiler.

import { findSenderProblems } from '../../functions/aws/compile-sender.ts'
import { AWS_EDGE } from '../../functions/aws/compile.ts'
import { CLOUDFLARE_EDGE, findDpopProblems } from '../../functions/cloudflare/compile.ts'
import type { EdgeCompiler } from '../../shared/compiler.ts'
import type { ConfigProblem, ResolvedAuthorizer, ResolvedConfig } from '../../shared/index.ts'
import { SIMPLE_KEPT } from '../authorizer-check.ts'
import { checkTables } from '../deployment-check.ts'
import type { Edges } from '../edges.ts'
import { findHiddenRules } from '../published-notes.ts'
import { NO_REQUEST } from '../sender-check.ts'
import { findVisibleFields } from '../sender-report.ts'
import {
  canServe,
  describeStatuses,
  HTTP,
  REST,
  WEBSOCKET,
  type GatewayEdge,
  type LimitedEdge,
} from './gateway-edges.ts'
import { findRuleLimits, isSocket, lacksHead } from './rule-limits.ts'
import { inOrder } from './rule-order.ts'

export interface EdgeLimit {
  readonly edges: readonly LimitedEdge[]
  /** `null`: of every rule. */
  readonly rule: string | null
  readonly text: string
}

type Functions = readonly (readonly [setting: string, settings: ResolvedAuthorizer])[]

/** The functions of a stage by the paths of their settings. */
export const functionsOf = ({ aws }: ResolvedConfig): Functions =>
  aws.authorizers.size === 0
    ? [['aws', aws]]
    : [...aws.authorizers].map(([name, one]) => [`aws.authorizers.${name}`, one] as const)

/** Entries with the same text become one, for all of their edges. */
function joinEdges(limits: readonly EdgeLimit[]): readonly EdgeLimit[] {
  const joined = new Map<string, EdgeLimit>()
  for (const limit of limits) {
    const key = `${limit.rule} ${limit.text}`
    const edges = [...(joined.get(key)?.edges ?? []), ...limit.edges]
    joined.set(key, { ...limit, edges: [...new Set(edges)] })
  }
  return [...joined.values()]
}

const CHALLENGES: Readonly<Record<GatewayEdge, string>> = {
  'REST TOKEN': 'a challenge comes from a gateway response alone',
  'REST REQUEST': 'a challenge comes from a gateway response alone',
  'HTTP 1.0': 'there is no challenge',
  'HTTP 2.0': 'there is no challenge',
  WebSocket: 'there is no challenge',
}

/** What callers see in place of the Worker's answers, where functions differ with the name of each. */
function limitsOfAnswers(kinds: readonly GatewayEdge[], functions: Functions): readonly EdgeLimit[] {
  return kinds.flatMap((edge) => {
    const served = functions.filter(([, settings]) => canServe(edge, settings))
    const texts = served.map(
      ([setting, settings]) => [setting, `${describeStatuses(edge, settings)}; ${CHALLENGES[edge]}`] as const,
    )
    return [...new Set(texts.map(([, text]) => text))].map((text): EdgeLimit => {
      const names = texts.filter(([, each]) => each === text).map(([setting]) => setting)
      const isCommon = names.length === texts.length
      return { edges: [edge], rule: null, text: isCommon ? text : `${text} (${names.join(', ')})` }
    })
  })
}

type Section = EdgeCompiler['sections'][number]

/** What API Gateway does where the configuration has a section that the Worker alone reads. */
const WITHOUT_SECTION: Readonly<Partial<Record<Section, (config: ResolvedConfig) => string | null>>> = {
  origin: ({ origin }) => (origin?.assertion ? 'signs no assertion for the origin' : null),
  cors: () => 'answers preflights itself, with settings of its own, not those of cors',
  serverTiming: () => 'sends no Server-Timing',
  diagnostics: () => 'sends no field with the diagnostics',
}

/** Other settings that have no effect on API Gateway. */
const WITHOUT_SETTING: readonly (readonly [isUsed: (config: ResolvedConfig) => boolean, text: string])[] = [
  [({ publicUrls }) => publicUrls.size > 0, 'refuses no request for its host, whatever publicUrls says'],
  [({ routes }) => routes.some(({ sharedCaches }) => sharedCaches), 'has no sharedCaches'],
  [
    ({ resources }) => resources.length > 0,
    'serves no metadata by its authorizer; dist/lambda/metadata.mjs does, on a route without one',
  ],
]

function limitsOfSettings(config: ResolvedConfig, kinds: readonly GatewayEdge[]): readonly EdgeLimit[] {
  const sections = CLOUDFLARE_EDGE.sections.filter((name) => !AWS_EDGE.sections.includes(name))
  const isUsed = (value: unknown) => value !== null && value !== false && value !== undefined
  const texts = [
    ...sections.flatMap((name) => (isUsed(config[name]) ? (WITHOUT_SECTION[name]?.(config) ?? []) : [])),
    ...WITHOUT_SETTING.filter(([has]) => has(config)).map(([, text]) => text),
    ...findVisibleFields(config).map(toText),
  ]
  return texts.map((text) => ({ edges: kinds, rule: null, text }))
}

const NO_HEAD = 'sends HEAD nowhere, unless the API has a route for it beside the one for GET'

const keepsAnswers = ({ strategy, resultTtlSeconds }: ResolvedAuthorizer): boolean =>
  strategy !== 'off' && resultTtlSeconds !== null && resultTtlSeconds > 0

/** What a function cannot do whatever the rule. */
function limitsOfFunctions(
  { routes }: ResolvedConfig,
  kinds: readonly GatewayEdge[],
  functions: Functions,
): readonly EdgeLimit[] {
  const simple = functions.filter(
    ([, settings]) =>
      settings.httpApiResponse === 'simple' && keepsAnswers(settings) && canServe('HTTP 2.0', settings),
  )
  return [
    ...(routes.some(lacksHead) ? [{ edges: [...REST, ...HTTP], rule: null, text: NO_HEAD }] : []),
    ...(kinds.includes('REST TOKEN')
      ? [{ edges: ['REST TOKEN'], rule: null, text: `sees no second credential: ${NO_REQUEST}` } as const]
      : []),
    ...(kinds.includes('HTTP 2.0') && simple.length > 0
      ? [
          {
            edges: ['HTTP 2.0'],
            rule: null,
            text: `keeps ${SIMPLE_KEPT} (${simple.map(([setting]) => setting).join(', ')})`,
          } as const,
        ]
      : []),
  ]
}

const toText = ({ path, message }: ConfigProblem): string => `${path} ${message}`

const cannotBeBuilt = (edges: readonly LimitedEdge[], texts: readonly string[]): readonly EdgeLimit[] =>
  texts.map((text) => ({ edges, rule: null, text: `cannot be built: ${text}` }))

function limitsOfWorker(config: ResolvedConfig): readonly EdgeLimit[] {
  const problems = [
    ...(config.origin === null ? ['origin is missing'] : []),
    ...findDpopProblems(config).map(toText),
  ]
  return [
    ...cannotBeBuilt(['Worker'], problems),
    ...findHiddenRules(config).map((text): EdgeLimit => ({ edges: ['Worker'], rule: null, text })),
  ]
}

function limitsOfGateway(config: ResolvedConfig): readonly EdgeLimit[] {
  const kinds: readonly GatewayEdge[] = [
    ...(config.routes.some((route) => !isSocket(route)) ? [...REST, ...HTTP] : []),
    ...(config.routes.some(isSocket) ? WEBSOCKET : []),
  ]
  const functions = functionsOf(config)
  const problems = [
    ...findSenderProblems(config, { isBuild: true }).map(toText),
    ...checkTables(config).map(({ subject, message }) => `${subject} ${message}`),
  ]
  return [
    ...cannotBeBuilt(kinds, problems),
    ...limitsOfAnswers(kinds, functions),
    ...limitsOfFunctions(config, kinds, functions),
    ...limitsOfSettings(config, kinds),
  ]
}

/** `edges`: which of the two edges the stage has. Limits of every rule come first. */
export function findEdgeLimits(
  config: ResolvedConfig,
  { hasWorker, hasLambda }: Edges,
): readonly EdgeLimit[] {
  const ofRules = inOrder(config.routes).flatMap((route) =>
    findRuleLimits(route, config).map((limit) => ({ ...limit, rule: route.name })),
  )
  return joinEdges(
    [
      ...(hasWorker ? limitsOfWorker(config) : []),
      ...(hasLambda ? limitsOfGateway(config) : []),
      ...ofRules,
    ].filter(({ edges }) => (edges.includes('Worker') ? hasWorker : hasLambda)),
  )
}
