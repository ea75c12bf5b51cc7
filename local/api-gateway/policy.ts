// Evaluates the IAM policy of an authorizer (IAM user guide, "Policy evaluation logic" and the element reference; API
// Gateway developer guide, "Output from a Lambda authorizer"). Elements that API Gateway does not document for
// authorizers make the policy malformed: NotAction, NotResource, Principal, policy variables, operators that IAM does
// not know.

import { isObject, listOf, type JsonObject } from './json.ts'
import { conditionProblem, conditionsHold, type ConditionContext } from './policy-condition.ts'
import { matchesArn, matchesGlob } from './wildcard.ts'

export interface Policy {
  statements: Statement[]
}

export interface Statement {
  effect: 'Allow' | 'Deny'
  actions: string[]
  resources: string[]
  condition: JsonObject
}

export interface PolicyRequest {
  /** The ARN of the request: stage, verb and concrete path. */
  resource: string
  conditions: ConditionContext
}

export type Verdict = 'allow' | 'explicit-deny' | 'implicit-deny'

/** The only action that API Gateway evaluates. */
const INVOKE = 'execute-api:invoke'
/** API Gateway quota on a Resource of an authorizer policy. That exceeding it is a 500 is undocumented. */
const MAX_RESOURCE_CHARACTERS = 512
const VERSIONS = ['2008-10-17', '2012-10-17']
const STATEMENT_MEMBERS = ['Sid', 'Effect', 'Action', 'Resource', 'Condition']

/** The policy, or `undefined` if the document is malformed. */
export function parsePolicy(document: unknown): Policy | undefined {
  if (!isObject(document)) return undefined
  const version = document['Version']
  if (version !== undefined && !VERSIONS.includes(String(version))) return undefined
  if (document['Statement'] === undefined) return undefined
  const statements = listOf(document['Statement']).map((statement) => parseStatement(statement, version))
  const wellFormed = statements.filter((statement) => statement !== undefined)
  return wellFormed.length === statements.length ? { statements: wellFormed } : undefined
}

function parseStatement(statement: unknown, version: unknown): Statement | undefined {
  if (!isObject(statement)) return undefined
  if (Object.keys(statement).some((name) => !STATEMENT_MEMBERS.includes(name))) return undefined
  const effect = statement['Effect']
  if (effect !== 'Allow' && effect !== 'Deny') return undefined
  const actions = parseTexts(statement['Action'])
  const resources = parseTexts(statement['Resource'])
  if (!actions || !resources) return undefined
  if (resources.some((resource) => resource.length > MAX_RESOURCE_CHARACTERS)) return undefined
  if (version === '2012-10-17' && resources.some((resource) => resource.includes('${'))) return undefined
  const condition = statement['Condition'] ?? {}
  if (!isObject(condition) || conditionProblem(condition) !== undefined) return undefined
  return { effect, actions, resources, condition }
}

function parseTexts(value: unknown): string[] | undefined {
  const items = listOf(value)
  const texts = items.filter((item) => typeof item === 'string' && item !== '')
  return items.length > 0 && texts.length === items.length ? (texts as string[]) : undefined
}

export function evaluatePolicy(policy: Policy, request: PolicyRequest): Verdict {
  const matching = policy.statements.filter((statement) => applies(statement, request))
  if (matching.some(({ effect }) => effect === 'Deny')) return 'explicit-deny'
  return matching.length > 0 ? 'allow' : 'implicit-deny'
}

function applies({ actions, resources, condition }: Statement, request: PolicyRequest): boolean {
  return (
    actions.some((action) => matchesGlob(action.toLowerCase(), INVOKE)) &&
    resources.some((resource) => matchesArn(resource, request.resource)) &&
    conditionsHold(condition, request.conditions)
  )
}
