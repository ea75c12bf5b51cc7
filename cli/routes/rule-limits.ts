// What an edge cannot express of one rule, for `lanekeeper routes`. Each row is a function of the rule; where a check
// decides the same, its predicate and its words are taken from there. A limit changes what a caller sees or whether a
// request arrives; it never lets a request past its rule.

import { isTooLongForPolicy } from '../../functions/aws/table/plan.ts'
import { ANY_METHODS } from '../../local/api-gateway/rest-route.ts'
import { acceptedOn, DPOP_BOUND, MTLS_BOUND, UNBOUND } from '../../shared/edge.ts'
import { readTemplate, type ResolvedConfig, type ResolvedRoute } from '../../shared/index.ts'
import { isDeniedByTable, NO_PATTERN } from '../authorizer-check.ts'
import { findUncheckedRoutes } from '../revocation-report.ts'
import { NO_TOKEN } from '../route-check.ts'
import { NO_CERTIFICATE, NO_REQUEST } from '../sender-check.ts'
import { HTTP, REST, WEBSOCKET, type GatewayEdge, type LimitedEdge } from './gateway-edges.ts'

export interface RuleLimit {
  readonly edges: readonly LimitedEdge[]
  readonly text: string
}

interface Row {
  readonly edges: readonly LimitedEdge[]
  /** `null`: the edges can express the rule. */
  readonly say: (route: ResolvedRoute, config: ResolvedConfig) => string | null
}

export const isSocket = ({ path }: ResolvedRoute): boolean => path === '$connect'

const BOTH: readonly GatewayEdge[] = [...REST, ...HTTP]
const ALL: readonly GatewayEdge[] = [...BOTH, ...WEBSOCKET]

const sayIf = (isLimited: boolean, text: string): string | null => (isLimited ? text : null)

const isProtected = ({ demand }: ResolvedRoute): boolean => demand !== null

/** A literal segment of a REST resource. API Gateway refuses any other: "Resource's path part only allow ...". */
const REST_SEGMENT = /^[A-Za-z0-9._:,-]+$/

const otherSegments = ({ path }: ResolvedRoute): readonly string[] =>
  readTemplate(path).flatMap((segment) =>
    typeof segment === 'object' && segment.literal !== '' && !REST_SEGMENT.test(segment.literal)
      ? [segment.literal]
      : [],
  )

/** `table`: the functions of this strategy, all of which are TOKEN authorizers. */
const tablesOf = ({ aws }: ResolvedConfig): readonly string[] =>
  (aws.authorizers.size === 0
    ? [['aws', aws] as const]
    : [...aws.authorizers].map(([name, one]) => [`aws.authorizers.${name}`, one] as const)
  ).flatMap(([name, { strategy }]) => (strategy === 'table' ? [name] : []))

const longestMethod = ({ methods }: ResolvedRoute): string =>
  methods.reduce((longest, method) => (method.length > longest.length ? method : longest), '')

/** A rule for GET covers HEAD, too; a route of API Gateway for GET does not. */
export const lacksHead = (route: ResolvedRoute): boolean =>
  !isSocket(route) && route.methods.includes('GET') && !route.methods.includes('HEAD')

const ROWS: readonly Row[] = [
  {
    edges: ['Worker'],
    say: (route) => sayIf(isSocket(route), 'has no $connect; the handshake is a GET of its path'),
  },
  {
    edges: ['Worker'],
    say: (route, { cors }) =>
      sayIf(
        cors !== null && route.methods.includes('OPTIONS'),
        'answers preflights by cors, before this rule',
      ),
  },
  {
    edges: BOTH,
    say({ methods }) {
      const others = methods.filter((method) => !ANY_METHODS.includes(method))
      return sayIf(others.length > 0, `has no route for ${others.join(', ')}`)
    },
  },
  {
    edges: BOTH,
    say: (route) =>
      sayIf(isProtected(route) && route.methods.includes('OPTIONS'), `${NO_TOKEN}, and refuses them itself`),
  },
  {
    edges: REST,
    say(route) {
      const others = otherSegments(route)
      return sayIf(
        others.length > 0,
        `has no resource with the segment ${others.join(', ')}; a resource with a parameter there takes its requests`,
      )
    },
  },
  {
    edges: REST,
    say: ({ path }) =>
      sayIf(
        path.length > 1 && path.endsWith('/'),
        'has no resource that ends with a slash; the one without it takes the requests of both',
      ),
  },
  {
    edges: HTTP,
    say: ({ path }) =>
      sayIf(path.includes('%'), 'cannot tell an escape in the path from the same path with one escape less'),
  },
  {
    edges: HTTP,
    say: ({ path }) => sayIf(path.includes('+}'), 'cannot tell %2F in the greedy parameter from a slash'),
  },
  {
    edges: ALL,
    say: (route) =>
      sayIf(
        isTooLongForPolicy(`/${longestMethod(route)}${route.path}`),
        'may not name the path in a policy, which has room for an ARN of 512 characters: then it is refused (target_too_long)',
      ),
  },
  {
    edges: ALL,
    say: (route) =>
      sayIf(
        !isProtected(route),
        'is public on a route without the authorizer alone: with it, API Gateway refuses requests without a token',
      ),
  },
  {
    edges: ALL,
    say: ({ conditions, demand }) =>
      sayIf(
        demand !== null && (conditions.acr.length > 0 || conditions.maxAgeSeconds !== null),
        'cannot send the challenge that asks for another login (RFC 9470)',
      ),
  },
  {
    edges: ALL,
    say: (route, config) =>
      sayIf(
        isProtected(route) && (route.reportOnly || config.reportOnly),
        'refuses requests without an identity source before report-only sees them',
      ),
  },
  {
    edges: ['REST TOKEN'],
    say(route, config) {
      const accepted = acceptedOn(route, config)
      if ((accepted & (DPOP_BOUND | MTLS_BOUND)) === 0) return null
      return `refuses every ${(accepted & UNBOUND) === 0 ? 'request' : 'bound token'}: ${NO_REQUEST}`
    },
  },
  {
    edges: ['REST REQUEST', ...HTTP, ...WEBSOCKET],
    say: (route, config) =>
      sayIf(
        (acceptedOn(route, config) & DPOP_BOUND) !== 0,
        'sends no DPoP challenge of its own, and no nonce',
      ),
  },
  {
    edges: WEBSOCKET,
    say: (route, config) =>
      sayIf((acceptedOn(route, config) & MTLS_BOUND) !== 0 && config.mtls?.header == null, NO_CERTIFICATE),
  },
  {
    edges: BOTH,
    say(route, config) {
      if (route.revocation !== 'strong') return null
      const path = `routes[${config.routes.indexOf(route)}].revocation`
      return findUncheckedRoutes(config, true).find((each) => each.path === path)?.message ?? null
    },
  },
  {
    edges: ['REST TOKEN'],
    say(route, config) {
      const tables = tablesOf(config)
      return sayIf(
        tables.length > 0 && isDeniedByTable(route),
        `is denied by ${tables.join(', ')}: ${NO_PATTERN}`,
      )
    },
  },
]

const edgesOf = (route: ResolvedRoute): readonly LimitedEdge[] => [
  'Worker',
  ...(isSocket(route) ? WEBSOCKET : BOTH),
]

/** The limits of one rule on every edge that could have it. */
export const findRuleLimits = (route: ResolvedRoute, config: ResolvedConfig): readonly RuleLimit[] =>
  ROWS.flatMap(({ edges, say }) => {
    const meant = edges.filter((edge) => edgesOf(route).includes(edge))
    const text = meant.length === 0 ? null : say(route, config)
    return text === null ? [] : [{ edges: meant, text }]
  })
