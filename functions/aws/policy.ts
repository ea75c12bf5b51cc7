// The policy documents that an authorizer returns. AWS API Gateway developer guide, "Output from an API Gateway Lambda
// authorizer"; IAM user guide, "Policy evaluation logic", "Condition operators: date".

import type { Grant, CoreConfig } from '../../shared/edge.ts'

/** Longest `Resource` of a statement that API Gateway accepts. */
export const MAX_RESOURCE_CHARS = 512

export type Condition = Readonly<Record<string, Readonly<Record<string, string>>>>

export interface Statement {
  readonly Action: 'execute-api:Invoke'
  readonly Effect: 'Allow' | 'Deny'
  readonly Resource: string | string[]
  readonly Condition?: Condition
}

export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Statement: Statement[]
}

const toStatement = (
  Effect: Statement['Effect'],
  resources: readonly string[],
  Condition: Condition | null,
): Statement[] => {
  const [only, ...more] = resources
  if (only === undefined) return []
  const Resource = more.length === 0 ? only : [...resources]
  return [{ Action: 'execute-api:Invoke', Effect, Resource, ...(Condition === null ? {} : { Condition }) }]
}

/** The condition is on the Allow statement: once it no longer holds, nothing is allowed. */
export const toPolicyDocument = (
  allow: readonly string[],
  deny: readonly string[],
  condition: Condition | null,
): PolicyDocument => ({
  Version: '2012-10-17',
  Statement: [...toStatement('Allow', allow, condition), ...toStatement('Deny', deny, null)],
})

/** The W3C profile of ISO 8601 has four digits for the year. */
const MAX_SECONDS = Date.UTC(9999, 11, 31) / 1000

const toDate = (seconds: number): string =>
  new Date(Math.min(Math.max(seconds, 0), MAX_SECONDS) * 1000).toISOString().replace('.000Z', 'Z')

/**
 * The time in which a token is valid, with the tolerance of its issuer: a cached policy then ends when a fresh decision
 * would. AWS does not document whether it evaluates the conditions of a cached policy again, so do not rely on this
 * alone.
 */
export function toTimeCondition({ expiresAt, notBefore, issuer }: Grant, config: CoreConfig): Condition {
  const tolerance =
    [...config.issuers.values()].find(({ label }) => label === issuer)?.clockToleranceSeconds ?? 0
  const until = toDate(expiresAt + tolerance)
  const from = notBefore === null ? null : toDate(notBefore - tolerance)
  return {
    DateLessThan: { 'aws:CurrentTime': until },
    ...(from === null ? {} : { DateGreaterThanEquals: { 'aws:CurrentTime': from } }),
  }
}
