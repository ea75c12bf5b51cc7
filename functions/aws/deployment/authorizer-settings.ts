// What the deployment has to set for each authorizer function of a configuration, and the APIs that it cannot serve.

import { acceptedOn, DPOP_BOUND, MTLS_ALONE, MTLS_BOUND, UNBOUND } from '../../../shared/edge.ts'
import type { ResolvedAuthorizer, ResolvedConfig, ResolvedRoute } from '../../../shared/index.ts'
import type { ApiKind, CannotServe, DescribedAuthorizer } from './description.ts'
import { identitySourcesOf, tokenSourceOf } from './identity-sources.ts'

/** The values for which API Gateway calls a TOKEN authorizer. RFC 6750 section 2.1. */
export const BEARER_TOKEN = '^[Bb][Ee][Aa][Rr][Ee][Rr] +[-A-Za-z0-9._~+/]+=*$'

const TABLE_ONLY_REST =
  'its strategy is table, whose answers have the token as their only key: that is a TOKEN authorizer, which only a REST API has; use exact'

const NO_BOUND = 'every rule accepts bound tokens alone, and its senderConstraint is "none"'

const NO_CERTIFICATE =
  'every rule accepts only tokens that are bound to a client certificate, and API Gateway states none in the handshake of a WebSocket API'

const protectedRules = ({ routes }: ResolvedConfig): readonly ResolvedRoute[] =>
  routes.filter(({ demand }) => demand !== null)

/** Whether the function accepts bound tokens where issuer and route do. */
const acceptsBound = (
  { senderConstraint, strategy }: ResolvedAuthorizer,
  { dpop, mtls }: ResolvedConfig,
): boolean => (dpop != null || mtls != null) && senderConstraint === undefined && strategy === 'off'

/** Whether client certificates certainly count, and come from the TLS of API Gateway. */
function needsItsTls(settings: ResolvedAuthorizer, config: ResolvedConfig): boolean {
  const { mtls, issuers } = config
  if (mtls == null || mtls.header !== null || !acceptsBound(settings, config)) return false
  return protectedRules(config).some(
    (rule) =>
      (acceptedOn(rule, config) & MTLS_BOUND) !== 0 &&
      (rule.senderConstraint === 'mtls' ||
        [...issuers.values()].some(
          ({ name, senderConstraint }) =>
            senderConstraint === 'mtls' && (rule.issuer === null || rule.issuer === name),
        )),
  )
}

/** Why a function can serve no rule on such an API. `null`: it can. */
function findObstacle(kind: ApiKind, settings: ResolvedAuthorizer, config: ResolvedConfig): string | null {
  if (settings.strategy === 'table' && kind !== 'rest') return TABLE_ONLY_REST
  const rules = protectedRules(config)
  const only = (kinds: number) =>
    rules.length > 0 &&
    rules.every((rule) => acceptedOn(rule, config) !== 0 && !(acceptedOn(rule, config) & ~kinds))
  const isBoundAlone = only(DPOP_BOUND | MTLS_BOUND)
  if (isBoundAlone && !acceptsBound(settings, config)) return NO_BOUND
  return kind === 'webSocket' && config.mtls?.header == null && only(MTLS_BOUND) ? NO_CERTIFICATE : null
}

const isReportOnly = ({ reportOnly, routes }: ResolvedConfig): boolean =>
  reportOnly || routes.some((route) => route.reportOnly)

/** 0 where the configuration does not say for how long. */
const lifetimeOf = ({ strategy, resultTtlSeconds }: ResolvedAuthorizer): number =>
  strategy === 'off' ? 0 : (resultTtlSeconds ?? 0)

function describeAuthorizer(settings: ResolvedAuthorizer, config: ResolvedConfig): DescribedAuthorizer {
  const can = (kind: ApiKind) => findObstacle(kind, settings, config) === null
  const sources = (kind: ApiKind) => identitySourcesOf(kind, settings, isReportOnly(config))
  const resultTtlSeconds = lifetimeOf(settings)
  const disableExecuteApiEndpoint = needsItsTls(settings, config)
  const isTable = settings.strategy === 'table'
  return {
    strategy: settings.strategy,
    rest: can('rest')
      ? {
          type: isTable ? 'TOKEN' : 'REQUEST',
          identitySources: isTable ? [tokenSourceOf('rest', settings)] : sources('rest'),
          identityValidationExpression: isTable ? BEARER_TOKEN : null,
          resultTtlSeconds,
          disableExecuteApiEndpoint,
        }
      : null,
    http: can('http')
      ? {
          identitySources: sources('http'),
          resultTtlSeconds,
          payloadFormatVersion: '2.0',
          enableSimpleResponses: settings.httpApiResponse === 'simple',
          disableExecuteApiEndpoint,
        }
      : null,
    webSocket: can('webSocket') ? { identitySources: sources('webSocket') } : null,
  }
}

const allOf = ({ aws }: ResolvedConfig): readonly (readonly [string, ResolvedAuthorizer])[] => [
  ['', aws],
  ...aws.authorizers,
]

/** By LANEKEEPER_AUTHORIZER, and without a name for `aws` itself. */
export const describeAuthorizers = (config: ResolvedConfig): Readonly<Record<string, DescribedAuthorizer>> =>
  Object.fromEntries(allOf(config).map(([name, settings]) => [name, describeAuthorizer(settings, config)]))

export const findUnserved = (config: ResolvedConfig): readonly CannotServe[] =>
  allOf(config).flatMap(([authorizer, settings]) =>
    (['rest', 'http', 'webSocket'] as const).flatMap((api) => {
      const because = findObstacle(api, settings, config)
      return because === null ? [] : [{ authorizer, api, because }]
    }),
  )

/**
 * The challenge of every 401 of a REST API, so it names no error. Bearer comes first, as in
 * shared/sender/dpop/answers.ts.
 */
export function challengeOf(config: ResolvedConfig): string {
  const { dpop, realm } = config
  const accepted = protectedRules(config).reduce((all, rule) => all | acceptedOn(rule, config), 0)
  const bearer = `Bearer realm="${realm}"`
  if (!dpop || !(accepted & DPOP_BOUND)) return bearer
  const algs = `algs="${[...dpop.algorithms].join(' ')}"`
  return accepted & (UNBOUND | MTLS_ALONE) ? `${bearer}, DPoP ${algs}` : `DPoP realm="${realm}", ${algs}`
}
