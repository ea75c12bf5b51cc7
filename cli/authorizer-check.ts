// Compares an authorizer of the deployment with the configuration: the key and the lifetime of its cached answers, the
// source of the token, the form of its answers, and the requests that API Gateway refuses before it calls the function.

import {
  revocationStaleness,
  type ResolvedAuthorizer,
  type ResolvedConfig,
  type ResolvedRoute,
} from '../shared/index.ts'
import type { ApiKind as DescribedKind } from '../functions/aws/deployment/description.ts'
import { keySourcesOf, tokenSourceOf } from '../functions/aws/deployment/identity-sources.ts'
import type { IdentitySource } from '../local/api-gateway/model.ts'
import {
  routesOf,
  rulesBehind,
  type AnyAuthorizer,
  type ApiKind,
  type ApiRoute,
  type Apis,
} from './api-routes.ts'
import type { Find } from './deployment-finding.ts'
import { describeTime, shortestLifetime } from './revocation-report.ts'

/** An authorizer, and the kind of API that it guards. */
export interface ApiAuthorizer {
  readonly kind: ApiKind
  readonly authorizer: AnyAuthorizer
}

export function authorizersOf(model: Apis): ApiAuthorizer[] {
  const all = routesOf(model).flatMap(({ api, authorizer }) =>
    authorizer ? [{ kind: api, authorizer }] : [],
  )
  return [...new Map(all.map((each) => [each.authorizer, each])).values()]
}

/** The rules of every request that the authorizer is asked about. */
export const rulesServedBy = (
  authorizer: AnyAuthorizer,
  routes: readonly ApiRoute[],
  config: ResolvedConfig,
): readonly ResolvedRoute[] =>
  routes.filter((route) => route.authorizer === authorizer).flatMap((route) => rulesBehind(route, config))

const has = (sources: readonly IdentitySource[], from: IdentitySource['from'], name: string): boolean =>
  sources.some((source) => source.from === from && source.name.toLowerCase() === name.toLowerCase())

const hasToken = (sources: readonly IdentitySource[]): boolean => has(sources, 'header', 'Authorization')

/**
 * Whether the function would refuse every request of an HTTP API that caches answers
 * (functions/aws/identity-source.ts).
 */
const refusesEveryRequest = (authorizer: AnyAuthorizer): boolean =>
  'payloadVersion' in authorizer &&
  authorizer.identitySources.length > 0 &&
  !(
    hasToken(authorizer.identitySources) &&
    has(authorizer.identitySources, 'context', 'httpMethod') &&
    has(authorizer.identitySources, 'context', 'path') &&
    has(authorizer.identitySources, 'context', 'routeKey') &&
    (authorizer.payloadVersion === '2.0' || authorizer.identitySources.length === 4)
  )

/** The kinds of APIs, as a description of a deployment has them. */
const DESCRIBED = { REST: 'rest', HTTP: 'http', WebSocket: 'webSocket' } as const satisfies Record<
  ApiKind,
  DescribedKind
>

/** Whether the Authorization field is the only missing identity source. Then no other remedy is suggested. */
function lacksOnlyToken(authorizer: AnyAuthorizer): boolean {
  if (authorizer.type === 'TOKEN' || hasToken(authorizer.identitySources)) return false
  const token: IdentitySource = { from: 'header', name: 'Authorization' }
  return !refusesEveryRequest({ ...authorizer, identitySources: [...authorizer.identitySources, token] })
}

/** The cache key of an answer has to differ for every request that the answer does not grant. */
export function checkKey(
  { kind, authorizer }: ApiAuthorizer,
  { strategy }: ResolvedAuthorizer,
  find: Find,
): void {
  const { resultTtlSeconds } = authorizer
  if (strategy === 'off' && resultTtlSeconds > 0)
    return find(
      'problem',
      `caches answers for ${resultTtlSeconds} s and its strategy is off; set the lifetime to 0`,
      'AuthorizerResultTtlInSeconds',
    )
  if (strategy === 'table' && authorizer.type !== 'TOKEN')
    return find('problem', 'has the strategy table, which is for TOKEN authorizers; use exact', 'Type')
  if (strategy !== 'exact' || resultTtlSeconds === 0) return
  if (authorizer.type === 'TOKEN')
    return find(
      'problem',
      'caches answers about one request with the token as their only key, so the next path fails; use the strategy table, REQUEST, or a lifetime of 0',
      'AuthorizerResultTtlInSeconds',
    )
  const missing = keySourcesOf(DESCRIBED[kind]).filter(
    (source) => !has(authorizer.identitySources, 'context', source.replace(/^\$?context\./, '')),
  )
  // A missing Authorization field, which the function refuses too, is reported by checkToken.
  if (missing.length === 0 && hasToken(authorizer.identitySources) && refusesEveryRequest(authorizer))
    return find(
      'problem',
      'caches answers with payload 1.0, which joins the values of identity sources; use only $request.header.Authorization, $context.httpMethod, $context.path and $context.routeKey, or payload 2.0',
      'AuthorizerPayloadFormatVersion',
    )
  if (missing.length > 0)
    find(
      'problem',
      `caches answers about one request; add the identity ${missing.length === 1 ? 'source' : 'sources'} ${missing.join(' and ')}`,
      'IdentitySource',
    )
}

export function checkToken(
  { kind, authorizer }: ApiAuthorizer,
  { webSocketToken }: ResolvedAuthorizer,
  find: Find,
): void {
  if (authorizer.type === 'TOKEN') {
    if (authorizer.header.toLowerCase() !== 'authorization')
      find(
        'problem',
        `reads the token from ${authorizer.header}; its identity source must be the Authorization field`,
        'IdentitySource',
      )
    if (authorizer.validation === undefined)
      find(
        'warning',
        'has no identityValidationExpression, so values that are no token cost a call of the function; serverless.yml shows one',
        'IdentityValidationExpression',
      )
    return
  }
  const sources = authorizer.identitySources
  if (kind !== 'WebSocket' || webSocketToken === 'header') {
    const isNeeded = authorizer.resultTtlSeconds > 0 || sources.length > 0
    if (isNeeded && !hasToken(sources))
      find(
        'problem',
        `does not have the Authorization field among its identity sources; add ${tokenSourceOf(DESCRIBED[kind], { webSocketToken })}`,
        'IdentitySource',
      )
    return
  }
  if (webSocketToken === 'protocol') {
    if (!has(sources, 'header', 'Sec-WebSocket-Protocol'))
      find(
        'problem',
        `takes the token from Sec-WebSocket-Protocol; make ${tokenSourceOf('webSocket', { webSocketToken })} its identity source`,
        'IdentitySource',
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
      `takes the token from the query; make ${tokenSourceOf('webSocket', { webSocketToken })} its identity source`,
      'IdentitySource',
    )
}

/** What is wrong with simple responses that API Gateway keeps. */
export const SIMPLE_KEPT = 'simple responses, which cannot end with the token; policies do'

export function checkAnswer(
  { kind, authorizer }: ApiAuthorizer,
  settings: ResolvedAuthorizer,
  find: Find,
): void {
  const { resultTtlSeconds } = settings
  if (resultTtlSeconds === null && authorizer.resultTtlSeconds > 0)
    find(
      'problem',
      `caches answers for ${authorizer.resultTtlSeconds} s and the configuration does not say so; set resultTtlSeconds to ${authorizer.resultTtlSeconds}`,
      'AuthorizerResultTtlInSeconds',
    )
  if (
    resultTtlSeconds === null &&
    authorizer.resultTtlSeconds === 0 &&
    refusesEveryRequest(authorizer) &&
    !lacksOnlyToken(authorizer)
  )
    find(
      'problem',
      'caches nothing and the configuration does not say so, so the function would refuse every request; set resultTtlSeconds to 0',
      'AuthorizerResultTtlInSeconds',
    )
  if (
    kind !== 'WebSocket' &&
    settings.strategy !== 'off' &&
    resultTtlSeconds !== null &&
    authorizer.resultTtlSeconds !== resultTtlSeconds
  )
    find(
      'problem',
      `caches answers for ${authorizer.resultTtlSeconds} s and the configuration says ${resultTtlSeconds}; make resultTtlInSeconds and resultTtlSeconds the same`,
      'AuthorizerResultTtlInSeconds',
    )
  if (kind !== 'HTTP' || !('simpleResponses' in authorizer) || authorizer.payloadVersion !== '2.0') return
  const expected = settings.httpApiResponse === 'simple'
  if (authorizer.simpleResponses !== expected)
    find(
      'problem',
      `expects ${authorizer.simpleResponses ? 'simple responses' : 'policies'} and httpApiResponse is ${settings.httpApiResponse}; change one of them`,
      'EnableSimpleResponses',
    )
  else if (expected && authorizer.resultTtlSeconds > 0)
    find('warning', `caches ${SIMPLE_KEPT}`, 'EnableSimpleResponses')
}

/** Why a table denies a rule, and what to do about it. */
export const NO_PATTERN = 'no pattern says what a parameter may hold; use exact and REQUEST'

/** Whether the strategy `table` denies every path of the rule. */
export const isDeniedByTable = ({ path }: ResolvedRoute): boolean => path.includes('{')

/**
 * A table has no pattern for a parameter (functions/aws/table/patterns.ts), so it denies every path of a rule with one.
 */
export function checkTablePatterns(
  { authorizer }: ApiAuthorizer,
  { strategy }: ResolvedAuthorizer,
  routes: readonly ApiRoute[],
  config: ResolvedConfig,
  findAt: (subject: string, logicalId?: string) => Find,
): void {
  if (strategy !== 'table') return
  for (const route of routes.filter((each) => each.authorizer === authorizer)) {
    const ruleWithParameter = rulesBehind(route, config).find(isDeniedByTable)
    if (ruleWithParameter !== undefined)
      findAt(`${route.api} route ${route.name}`, route.logicalId)(
        'problem',
        `has the strategy table, which denies every path of ${ruleWithParameter.name}, because ${NO_PATTERN}`,
        'AuthorizerId',
      )
  }
}

/**
 * An answer that is kept is given without asking for revocations. Where every function has a lifetime, the warning
 * about the route says so (revocation-report.ts).
 */
export function checkStrong(
  { authorizer }: ApiAuthorizer,
  routes: readonly ApiRoute[],
  config: ResolvedConfig,
  find: Find,
): void {
  const { resultTtlSeconds } = authorizer
  if (config.revocation == null || resultTtlSeconds === 0 || shortestLifetime(config) > 0) return
  const strong = rulesServedBy(authorizer, routes, config).filter(({ revocation }) => revocation === 'strong')
  for (const name of new Set(strong.map((rule) => rule.name)))
    find(
      'warning',
      `caches answers for ${resultTtlSeconds} s and serves ${name}, whose revocation is strong: a revoked token may be accepted there for that long; serve it with an authorizer whose lifetime is 0`,
      'AuthorizerResultTtlInSeconds',
    )
}

/** How late a revocation takes effect at the API of an authorizer, with the lifetime that its answers have there. */
export function noteRevocation(
  { authorizer }: ApiAuthorizer,
  settings: ResolvedAuthorizer,
  config: ResolvedConfig,
  find: Find,
): void {
  const { resultTtlSeconds } = authorizer
  const aws = { ...settings, resultTtlSeconds, authorizers: new Map() }
  const rows = revocationStaleness({ ...config, aws }).filter(({ edge }) => edge === 'aws')
  for (const text of new Set(rows.map(describeTime))) find('note', text)
}

/** The requests that API Gateway refuses before it calls the function, in words. */
function refusalsBeforeFunction({ authorizer }: ApiAuthorizer): string[] {
  if (authorizer.type === 'TOKEN')
    return [
      `without ${authorizer.header}`,
      ...(authorizer.validation === undefined
        ? []
        : ['with a token that identityValidationExpression does not match']),
    ]
  const names = authorizer.identitySources.filter(({ from }) => from !== 'context').map(({ name }) => name)
  return names.length === 0 ? [] : [`without ${names.join(', ')}`]
}

/** The function implements report-only, so API Gateway still refuses requests that never reach the function. */
export function checkReportOnly(
  apiAuthorizer: ApiAuthorizer,
  routes: readonly ApiRoute[],
  config: ResolvedConfig,
  find: Find,
) {
  const rules = rulesServedBy(apiAuthorizer.authorizer, routes, config)
  const reportOnlyRules = [...new Set(rules.filter(({ reportOnly }) => reportOnly).map(({ name }) => name))]
  const affectedRules = config.reportOnly ? 'everything' : reportOnlyRules.join('; ')
  const refusals = refusalsBeforeFunction(apiAuthorizer)
  if (affectedRules === '' || refusals.length === 0) return
  const remedy =
    apiAuthorizer.authorizer.type === 'TOKEN'
      ? 'a REQUEST authorizer without identity sources and with a lifetime of 0 lets these through'
      : 'without identity sources, and with a lifetime of 0, it lets these through'
  find(
    'warning',
    `only reports on ${affectedRules}, and API Gateway itself still refuses requests ${refusals.join(' and ')}; ${remedy}`,
    'IdentitySource',
  )
}
