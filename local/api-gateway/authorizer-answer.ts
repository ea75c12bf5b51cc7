// Parses the answer of an authorizer function: an IAM policy or a simple response (developer guide, "Output from a
// Lambda authorizer", "Control access to HTTP APIs with Lambda authorizers"). Any other answer is malformed; the API
// then answers with a server error. The result cache stores the parsed answer: a cached policy is evaluated again for
// every request, a cached simple response is not.

import { isObject, isScalar, type JsonObject } from './json.ts'
import { evaluatePolicy, parsePolicy, type Policy, type PolicyRequest, type Verdict } from './policy.ts'
import type { UndocumentedChoices } from './undocumented.ts'

export type AuthorizerAnswer =
  | { form: 'policy'; policy: Policy; principalId: string | undefined; context: JsonObject }
  | { form: 'simple'; isAuthorized: boolean; context: JsonObject }

type Choices = Pick<UndocumentedChoices, 'missingPrincipalId'>

/** REST: a policy, with a flat context of strings, numbers and booleans that arrive as strings. */
export function parseRestAnswer(payload: unknown, choices: Choices): AuthorizerAnswer | undefined {
  const answer = parsePolicyAnswer(payload, choices)
  if (!answer) return undefined
  const values = Object.entries(answer.context)
  if (!values.every(([, value]) => isScalar(value))) return undefined
  return { ...answer, context: Object.fromEntries(values.map(([name, value]) => [name, String(value)])) }
}

/** HTTP: only the form that the authorizer is configured for. The context keeps its types. */
export function parseHttpAnswer(
  payload: unknown,
  simpleResponses: boolean,
  choices: Choices,
): AuthorizerAnswer | undefined {
  if (!simpleResponses) return parsePolicyAnswer(payload, choices)
  if (!isObject(payload) || 'policyDocument' in payload) return undefined
  const { isAuthorized, context = {} } = payload
  if (typeof isAuthorized !== 'boolean' || !isObject(context)) return undefined
  return { form: 'simple', isAuthorized, context }
}

function parsePolicyAnswer(
  payload: unknown,
  { missingPrincipalId }: Choices,
): Extract<AuthorizerAnswer, { form: 'policy' }> | undefined {
  if (!isObject(payload) || 'isAuthorized' in payload) return undefined
  const { principalId, policyDocument, context = {} } = payload
  if (principalId === undefined ? missingPrincipalId === 'malformed' : typeof principalId !== 'string') {
    return undefined
  }
  const policy = parsePolicy(policyDocument)
  if (!policy || !isObject(context)) return undefined
  return { form: 'policy', policy, principalId: principalId as string | undefined, context }
}

export function evaluateAnswer(answer: AuthorizerAnswer, request: PolicyRequest): Verdict {
  if (answer.form === 'policy') return evaluatePolicy(answer.policy, request)
  return answer.isAuthorized ? 'allow' : 'explicit-deny'
}
