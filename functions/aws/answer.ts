// Turns a decision into the authorizer output of each kind of API Gateway API. Its policy names only the request of the
// event, so it is correct for that request alone: the authorizer's identity sources must distinguish requests (strategy
// `exact`), or its result lifetime must be 0 (`off`). Policies for the whole API are made in table/.
// AWS API Gateway developer guide, "Output from an API Gateway Lambda authorizer".

import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda'
import {
  failureRow,
  toIdentity,
  toRefusal,
  type Decision,
  type Deny,
  type Grant,
  type ResolvedAuthorizer,
  type CoreConfig,
} from '../../shared/edge.ts'
import type { ReadEvent } from './event.ts'
import {
  MAX_RESOURCE_CHARS,
  toPolicyDocument,
  toTimeCondition,
  type Condition,
  type PolicyDocument,
} from './policy.ts'

/** The configuration that the handler reads. `aws`: the settings of the function that runs. */
export type LambdaConfig = CoreConfig & { readonly aws: ResolvedAuthorizer }

/** Strings only: REST and WebSocket APIs accept no lists and deliver every value as a string. */
export type AuthorizerContext = Readonly<Record<string, string>>

export type AuthorizerAnswer =
  | APIGatewayAuthorizerResult
  | APIGatewaySimpleAuthorizerWithContextResult<AuthorizerContext>

/** Longest context. Our own limit: together with a policy the output stays below the 8 KB of WebSocket APIs. */
export const MAX_CONTEXT_BYTES = 4_096

/** API Gateway turns exactly this message into 401 on REST and WebSocket APIs, and any other into 500. */
const UNAUTHORIZED = 'Unauthorized'

/** The resource to deny: the ARN where a statement can name it exactly, otherwise everything below its stage. */
const deniedResource = ({ arn, stageArn }: ReadEvent): string =>
  arn.length <= MAX_RESOURCE_CHARS && !/[*?]|\$\{/.test(arn) ? arn : `${stageArn}/*`

/**
 * The resource to allow: the request of the event. A path that only report-only lets through may have a wildcard, and
 * one that an HTTP API shows decoded may have a policy variable ("${"). "?" replaces such a character, so that it
 * matches one character and no more. A "*" replaces the end of a path that is too long.
 */
const grantedResource = ({ arn, stageArn }: ReadEvent): string => {
  const path = arn.slice(stageArn.length).replace(/[*?]|\$(?=\{)/g, '?')
  const resource = stageArn + path
  return resource.length <= MAX_RESOURCE_CHARS ? resource : `${resource.slice(0, MAX_RESOURCE_CHARS - 1)}*`
}

/**
 * The `Error` to throw for a refusal; `null` where the refusal is returned. Where API Gateway caches answers
 * (`resultTtlSeconds`), a refusal that is not `keepable` is thrown on every API, because a returned one would be
 * cached. AWS chooses the status: it documents 401 for the error `Unauthorized` on REST APIs only, and an HTTP API may
 * answer 500. AWS does not document whether it caches that error.
 */
export function toThrown(
  deny: Deny,
  { shape, isDispatchedElsewhere }: Pick<ReadEvent, 'shape' | 'isDispatchedElsewhere'>,
  { resultTtlSeconds }: ResolvedAuthorizer,
): Error | null {
  const { gateway, keepable } = failureRow(deny.code)
  if (gateway === 'failure') return new Error(`lanekeeper: ${deny.code}`)
  const isHttp = shape === 'http_1' || shape === 'http_2'
  const isKept = shape !== 'websocket' && resultTtlSeconds !== 0
  const isThrown = (gateway === 'unauthorized' && !isHttp) || (isKept && (!keepable || isDispatchedElsewhere))
  return isThrown ? new Error(UNAUTHORIZED) : null
}

/** The identity of a grant, as context for the integration. */
export const identityContext = (grant: Grant | null): AuthorizerContext =>
  grant === null ? {} : toIdentity(grant)

/**
 * The context of a refusal: `code` for access logs, and on REST APIs `challenge`, which a gateway response can send
 * (`context.authorizer.challenge`). Nothing reads it on other APIs, and its quotes would break the JSON of access logs.
 */
function refusalContext(deny: Deny, { shape }: ReadEvent, { realm }: CoreConfig): AuthorizerContext {
  const isRest = shape === 'rest_request' || shape === 'rest_token'
  const challenge = isRest ? toRefusal(deny, realm).headers['www-authenticate'] : undefined
  return { code: deny.code, ...(challenge === undefined ? {} : { challenge }) }
}

export const isTooLarge = (context: AuthorizerContext): boolean =>
  new TextEncoder().encode(JSON.stringify(context)).length > MAX_CONTEXT_BYTES

export const toTimeLimit = (
  grant: Grant | null,
  { timeCondition }: ResolvedAuthorizer,
  config: CoreConfig,
): Condition | null => (timeCondition && grant !== null ? toTimeCondition(grant, config) : null)

export function toPolicyAnswer(
  policyDocument: PolicyDocument,
  grant: Grant | null,
  context: AuthorizerContext,
  { usageIdentifierKey }: ResolvedAuthorizer,
  principalId = 'public',
): APIGatewayAuthorizerResult {
  return {
    principalId: context['subject'] ?? principalId,
    policyDocument,
    context: { ...context },
    ...(usageIdentifierKey === 'client_id' && grant !== null ? { usageIdentifierKey: grant.clientId } : {}),
  }
}

export const isSimple = ({ shape }: ReadEvent, { httpApiResponse }: ResolvedAuthorizer): boolean =>
  shape === 'http_2' && httpApiResponse === 'simple'

/**
 * The output for an allow, or for a refusal that is returned. `decidedAt` (milliseconds since the epoch) is for access
 * logs: a request that is later than its `decided_at` was answered from the gateway's cache.
 */
export function toAnswer(
  decision: Decision,
  event: ReadEvent,
  config: LambdaConfig,
  decidedAt: number,
): AuthorizerAnswer {
  const { aws } = config
  const grant = decision.allow ? decision.grant : null
  const about = decision.allow ? identityContext(grant) : refusalContext(decision, event, config)
  const context = { ...about, decided_at: String(decidedAt) }
  if (isSimple(event, aws)) return { isAuthorized: decision.allow, context }
  const policy = decision.allow
    ? toPolicyDocument([grantedResource(event)], [], toTimeLimit(grant, aws, config))
    : toPolicyDocument([], [deniedResource(event)], null)
  return toPolicyAnswer(policy, grant, context, aws, decision.allow ? 'public' : 'refused')
}
