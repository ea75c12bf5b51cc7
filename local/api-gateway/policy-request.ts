// The input of a policy evaluation: the ARN of the request and the condition keys that API Gateway has. The ARN
// contains the path of the request, not the route template. Keys that need IAM authentication or a VPC are absent.

import { ACCOUNT_ID, PARTITION, REGION } from './cloud-formation.ts'
import type { ConditionContext } from './policy-condition.ts'
import type { PolicyRequest } from './policy.ts'
import { PUBLIC_ENDPOINT, headerValues, type ReceivedRequest } from './request.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** API Gateway quota. A longer ARN is answered with 414. */
const MAX_ARN_BYTES = 1600

/**
 * Ends in `{apiId}/{stage}/{VERB}/{path}`. The leading slash of the path is the separator, so the root ends in `/GET/`.
 */
export function executeApiArn(apiId: string, stage: string, method: string, path: string): string {
  return `arn:${PARTITION}:execute-api:${REGION}:${ACCOUNT_ID}:${apiId}/${stage}/${method}/${path.replace(/^\//, '')}`
}

export function isTooLong(arn: string): boolean {
  return Buffer.byteLength(arn) > MAX_ARN_BYTES
}

export function policyRequest(received: ReceivedRequest, resource: string): PolicyRequest {
  const conditions = new Map([
    ['aws:currenttime', new Date(received.timeMs).toISOString()],
    ['aws:epochtime', String(Math.floor(received.timeMs / 1000))],
    ['aws:securetransport', String(PUBLIC_ENDPOINT.secureTransport)],
    ['aws:sourceip', received.sourceIp],
  ])
  const userAgent = headerValues(received, 'user-agent').at(-1)
  const referer = headerValues(received, 'referer').at(-1)
  if (userAgent) conditions.set('aws:useragent', userAgent)
  if (referer) conditions.set('aws:referer', referer)
  return { resource, conditions }
}

/**
 * The input for a cached policy: the ARN of the new request, with the conditions of the new or of the cached request.
 */
export function withConditions(
  request: PolicyRequest,
  cached: { readonly conditions: ConditionContext },
  { cachedPolicyConditions }: Pick<UndocumentedChoices, 'cachedPolicyConditions'>,
): PolicyRequest {
  return cachedPolicyConditions === 'evaluated-again'
    ? request
    : { ...request, conditions: cached.conditions }
}
