// What a policy is judged against: the ARN of the request and the condition keys API Gateway has for it. The ARN
// holds the concrete path, never the route template. Keys that need IAM authentication or a VPC are absent.

import { ACCOUNT_ID, PARTITION, REGION } from './cloud-formation.ts'
import type { ConditionContext } from './policy-condition.ts'
import type { PolicyRequest } from './policy.ts'
import { FRONT, headerValues, type ReceivedRequest } from './request.ts'
import type { UndocumentedChoices } from './undocumented.ts'

/** API Gateway quota; a longer ARN is answered 414. */
const MAX_ARN_BYTES = 1600

/** `{apiId}/{stage}/{VERB}/{path}`; the leading slash of the path is the separator, so the root ends in `/GET/`. */
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
    ['aws:securetransport', String(FRONT.secureTransport)],
    ['aws:sourceip', received.sourceIp],
  ])
  const userAgent = headerValues(received, 'user-agent').at(-1)
  const referer = headerValues(received, 'referer').at(-1)
  if (userAgent) conditions.set('aws:useragent', userAgent)
  if (referer) conditions.set('aws:referer', referer)
  return { resource, conditions }
}

/** What a kept policy is judged against: always the new ARN, and the conditions of then or of now. */
export function withConditions(
  request: PolicyRequest,
  first: { readonly conditions: ConditionContext },
  { keptConditions }: Pick<UndocumentedChoices, 'keptConditions'>,
): PolicyRequest {
  return keptConditions === 'judged-again' ? request : { ...request, conditions: first.conditions }
}
