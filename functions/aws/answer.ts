// From a decision to what each kind of API Gateway API understands. A policy names the one request that was
// asked about, so it is right only for that request: the authorizer's identity sources must hold the method
// and the path, or its result lifetime must be 0 (serverless.yml does both).
// AWS API Gateway developer guide, "Output from an API Gateway Lambda authorizer".

import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda'
import { failureRow, toIdentity, type Decision, type Deny } from '../../shared/index.ts'
import type { ReadEvent } from './event.ts'

export type AuthorizerAnswer =
  APIGatewayAuthorizerResult | APIGatewaySimpleAuthorizerWithContextResult<Readonly<Record<string, string>>>

/** Longest `Resource` of a statement that API Gateway takes. */
export const MAX_RESOURCE_CHARS = 512

/** API Gateway turns exactly this message into 401 on REST and WebSocket APIs, and any other into 500. */
const UNAUTHORIZED = 'Unauthorized'

function toPolicy(
  effect: 'Allow' | 'Deny',
  resource: string,
  principalId: string,
  context: Readonly<Record<string, string>>,
): APIGatewayAuthorizerResult {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
    },
    context: { ...context },
  }
}

/** The ARN itself where a statement can name it exactly, else everything below its stage. Only ever denied. */
const deniedResource = (arn: string): string =>
  arn.length <= MAX_RESOURCE_CHARS && !/[*?]/.test(arn) ? arn : `${arn.split('/', 2).join('/')}/*`

/** The `Error` that stands for a refusal where API Gateway wants one thrown; `null` where an answer is returned. */
export function toThrown(deny: Deny, shape: ReadEvent['shape']): Error | null {
  const { gateway } = failureRow(deny.code)
  if (gateway === 'failure') return new Error(`lanekeeper: ${deny.code}`)
  const http = shape === 'http_1' || shape === 'http_2'
  return gateway === 'unauthorized' && !http ? new Error(UNAUTHORIZED) : null
}

/** The identity of a grant; the code of a refusal, for access logs. */
function contextOf(decision: Decision): Readonly<Record<string, string>> {
  if (!decision.allow) return { code: decision.code }
  return decision.grant === null ? {} : toIdentity(decision.grant)
}

/** The answer for an allow, or for a refusal that is returned. */
export function toAnswer(
  decision: Decision,
  { shape, arn }: ReadEvent,
  httpApi: 'simple' | 'policy',
): AuthorizerAnswer {
  const context = contextOf(decision)
  if (shape === 'http_2' && httpApi === 'simple') return { isAuthorized: decision.allow, context }
  if (!decision.allow) return toPolicy('Deny', deniedResource(arn), 'refused', context)
  return toPolicy('Allow', arn, context['subject'] ?? 'public', context)
}
