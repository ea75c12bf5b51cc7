// Answers of a REST API itself, not of its integration (developer guide, "Gateway response types", "Gateway responses
// in API Gateway"): the defaults, or the template's GatewayResponse. A GatewayResponse of the specific type replaces
// all of DEFAULT_4XX or DEFAULT_5XX. Templates substitute variables only, without VTL and without escaping, as
// documented.

import { isSendable, type Answer } from './answer.ts'
import { isObject, isScalar, memberAt, type JsonObject } from './json.ts'
import type { GatewayResponse } from './model.ts'
import { headerValues, queryPairs, type ReceivedRequest } from './request.ts'
import type { UndocumentedChoices } from './undocumented.ts'

interface DefaultResponse {
  status: number
  errorType: string
  message: string | null
  /** Denials by IAM have the member `Message` instead of `message`. */
  member?: 'Message'
}

/** Error types and messages of failures and timeouts are undocumented; the others were observed on AWS. */
const GATEWAY_RESPONSES = {
  ACCESS_DENIED: {
    status: 403,
    errorType: 'AccessDeniedException',
    message: 'User is not authorized to access this resource',
    member: 'Message',
  },
  UNAUTHORIZED: { status: 401, errorType: 'UnauthorizedException', message: 'Unauthorized' },
  AUTHORIZER_FAILURE: { status: 500, errorType: 'AuthorizerFailureException', message: null },
  AUTHORIZER_CONFIGURATION_ERROR: {
    status: 500,
    errorType: 'AuthorizerConfigurationException',
    message: null,
  },
  MISSING_AUTHENTICATION_TOKEN: {
    status: 403,
    errorType: 'MissingAuthenticationTokenException',
    message: 'Missing Authentication Token',
  },
  INTEGRATION_TIMEOUT: {
    status: 504,
    errorType: 'InternalServerErrorException',
    message: 'Endpoint request timed out',
  },
  /** A Lambda proxy integration that failed or answered in another format: 502. Its type is undocumented. */
  BAD_INTEGRATION_ANSWER: {
    status: 502,
    errorType: 'InternalServerErrorException',
    message: 'Internal server error',
  },
} satisfies Record<string, DefaultResponse>

export type GatewayResponseType = keyof typeof GATEWAY_RESPONSES

export interface GatewayResponseInput {
  received: ReceivedRequest
  /** `$context`, with `authorizer` only if the authorizer returned a policy. */
  context: JsonObject
  stageVariables: Record<string, string>
  pathParameters: Record<string, string> | null
  message?: string
}

export function gatewayResponse(
  type: GatewayResponseType,
  responses: Map<string, GatewayResponse>,
  input: GatewayResponseInput,
  choices: Pick<UndocumentedChoices, 'unsetGatewayResponseHeader'>,
): Answer {
  const defaults: DefaultResponse = GATEWAY_RESPONSES[type]
  const custom = responses.get(type) ?? responses.get(defaults.status < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX')
  const message = input.message ?? defaults.message
  const status = custom?.statusCode ?? defaults.status
  const context = {
    ...input.context,
    'error.message': message,
    'error.messageString': JSON.stringify(message),
    'error.responseType': type,
    status: String(status),
  }
  const valueOf = (expression: string) => readExpression(expression, { ...input, context })

  const headers: Answer['headers'] = [
    ['Content-Type', 'application/json'],
    ['x-amzn-ErrorType', defaults.errorType],
  ]
  for (const [name, expression] of custom?.headers ?? []) {
    const value = valueOf(expression) ?? (choices.unsetGatewayResponseHeader === 'empty' ? '' : undefined)
    if (value === undefined || !isSendable(name, value)) continue
    const existing = headers.findIndex(([candidate]) => candidate.toLowerCase() === name.toLowerCase())
    if (existing !== -1) headers.splice(existing, 1)
    headers.push([name, value])
  }
  const body =
    custom?.jsonTemplate === undefined
      ? JSON.stringify({ [defaults.member ?? 'message']: message })
      : fillTemplate(custom.jsonTemplate, valueOf)
  return { status, headers, body }
}

const VARIABLE =
  /\$((?:context|stageVariables|method\.request\.(?:header|querystring|path))(?:\.[A-Za-z0-9_-]+)+)/g

/** A variable without a value becomes an empty string (undocumented). */
function fillTemplate(template: string, valueOf: (expression: string) => string | undefined): string {
  return template.replace(VARIABLE, (_, expression: string) => valueOf(expression) ?? '')
}

function readExpression(expression: string, input: GatewayResponseInput): string | undefined {
  if (expression.startsWith("'")) return expression.slice(1, -1)
  const [, root = '', name = ''] =
    /^(context|stageVariables|method\.request\.(?:header|querystring|path))\.(.+)$/s.exec(expression) ?? []
  switch (root) {
    case 'context':
      return textOf(memberAt(input.context, name))
    case 'stageVariables':
      return textOf(memberAt(input.stageVariables, name))
    case 'method.request.header':
      return headerValues(input.received, name).at(-1)
    case 'method.request.querystring':
      return queryPairs(input.received).findLast(([candidate]) => candidate === name)?.[1]
    case 'method.request.path':
      return textOf(memberAt(input.pathParameters, name))
    default:
      return undefined
  }
}

function textOf(value: unknown): string | undefined {
  if (value === null) return 'null'
  if (isObject(value)) return undefined
  return isScalar(value) ? String(value) : undefined
}
