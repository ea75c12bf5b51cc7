// The answers of a REST API for which it asks no integration: challenges with a refusal, 503 while keys are not
// available, and CORS headers, without which a browser shows no refusal to its page. AWS answers in its own way where a
// response is missing (developer guide, "Gateway response types").

import { isObject, isScalar } from '../../../local/api-gateway/json.ts'
import { listOf } from '../../../local/api-gateway/json.ts'
import { objectIn, referredId, type CheckContext, type TemplateResource } from './context.ts'

interface Expected {
  readonly type: string
  /** The response that counts if this one is missing. */
  readonly fallback: 'DEFAULT_4XX' | 'DEFAULT_5XX'
  readonly header: string
  readonly isStatus: (status: string) => boolean
  /** What a client sees otherwise. */
  readonly otherwise: string
  readonly remedy: string
}

const isUnauthorized = (status: string): boolean => status === '' || status === '401'
const isForbidden = (status: string): boolean => status === '' || status === '403'
const isUnavailable = (status: string): boolean => status === '503'

const REFUSALS: readonly Expected[] = [
  {
    type: 'UNAUTHORIZED',
    fallback: 'DEFAULT_4XX',
    header: 'WWW-Authenticate',
    isStatus: isUnauthorized,
    otherwise: 'a refusal for a missing or invalid token has no challenge',
    remedy: `401 with gatewayresponse.header.WWW-Authenticate: "'Bearer'"`,
  },
  {
    type: 'ACCESS_DENIED',
    fallback: 'DEFAULT_4XX',
    header: 'WWW-Authenticate',
    isStatus: isForbidden,
    otherwise: 'a refusal for a missing scope does not say which',
    remedy: '403 with gatewayresponse.header.WWW-Authenticate: context.authorizer.challenge',
  },
  {
    type: 'AUTHORIZER_FAILURE',
    fallback: 'DEFAULT_5XX',
    header: 'Retry-After',
    isStatus: isUnavailable,
    otherwise: 'a client that could try again gets 500',
    remedy: `503 with gatewayresponse.header.Retry-After: "'5'"`,
  },
  {
    type: 'AUTHORIZER_CONFIGURATION_ERROR',
    fallback: 'DEFAULT_5XX',
    header: 'Retry-After',
    isStatus: isUnavailable,
    otherwise: 'a client that could try again gets 500',
    remedy: `503 with gatewayresponse.header.Retry-After: "'5'"`,
  },
]

/** The names of the headers that a response sets, in small letters. */
function headersOf({ properties }: TemplateResource): ReadonlySet<string> {
  const parameters = objectIn(properties, 'ResponseParameters')
  return new Set(
    Object.keys(parameters).flatMap(
      (name) => /^gatewayresponse\.header\.(.+)$/.exec(name)?.[1]?.toLowerCase() ?? [],
    ),
  )
}

/** Whether browsers call the API: it answers preflights. */
const answersPreflights = (apiId: string, context: CheckContext): boolean =>
  context
    .ofType('AWS::ApiGateway::Method')
    .some(
      ({ properties }) =>
        properties['HttpMethod'] === 'OPTIONS' && referredId(properties['RestApiId']) === apiId,
    )

function checkResponse(
  expected: Expected,
  responses: ReadonlyMap<string, TemplateResource>,
  apiId: string,
  hasCors: boolean,
  context: CheckContext,
): void {
  const { type, fallback, header, isStatus, otherwise, remedy } = expected
  const response = responses.get(type) ?? responses.get(fallback)
  const find = context.findAt(`REST API ${apiId}`, response?.logicalId ?? apiId)
  if (response === undefined)
    return find('warning', `has no gateway response ${type}, so ${otherwise}; add ${remedy}`)
  const { StatusCode } = response.properties
  const status = StatusCode === undefined ? '' : context.textOf(StatusCode)
  if (status === null)
    find('warning', `answers ${type} with a status that only the deployment knows; write it`, 'StatusCode')
  else if (/^[23]/.test(status))
    find(
      'problem',
      `answers ${type}, a refusal, with the status ${status}; take it for what it is: ${remedy}`,
      'StatusCode',
    )
  else if (!isStatus(status))
    find(
      'warning',
      `answers ${type} with ${status === '' ? 'the status 500' : `the status ${status}`}; make it ${remedy}`,
      'StatusCode',
    )
  const headers = headersOf(response)
  if (!headers.has(header.toLowerCase()))
    find(
      'warning',
      `answers ${type} without ${header}, so ${otherwise}; make it ${remedy}`,
      'ResponseParameters',
    )
  else checkChallenge(response, type, find)
  const missing = ['Access-Control-Allow-Origin', 'Access-Control-Expose-Headers'].filter(
    (name) => !headers.has(name.toLowerCase()),
  )
  if (hasCors && missing.length > 0)
    find(
      'warning',
      `answers preflights, and ${type} without ${missing.join(' and ')}, so the page of a browser cannot read the refusal; set ${missing.length === 1 ? 'it' : 'them'}`,
      'ResponseParameters',
    )
}

/** The challenge of a refusal by the function comes in the context: a fixed one would not name the scope. */
function checkChallenge(
  { properties }: TemplateResource,
  type: string,
  find: ReturnType<CheckContext['findAt']>,
): void {
  if (type !== 'ACCESS_DENIED') return
  const parameters = Object.entries(objectIn(properties, 'ResponseParameters'))
  const [, value] =
    parameters.find(([name]) => name.toLowerCase() === 'gatewayresponse.header.www-authenticate') ?? []
  if (isScalar(value) && String(value) !== 'context.authorizer.challenge')
    find(
      'warning',
      `answers ACCESS_DENIED with a challenge of its own, which names no scope; make it context.authorizer.challenge`,
      'ResponseParameters',
    )
}

export function checkGatewayResponses(context: CheckContext): void {
  const apis = new Set(context.authorizers.filter(({ kind }) => kind === 'REST').map(({ apiId }) => apiId))
  for (const apiId of apis) {
    const responses = new Map(
      context
        .ofType('AWS::ApiGateway::GatewayResponse')
        .filter(({ properties }) => referredId(properties['RestApiId']) === apiId)
        .map((response) => [context.textOf(response.properties['ResponseType']) ?? '', response]),
    )
    const hasCors = answersPreflights(apiId, context)
    for (const expected of REFUSALS) checkResponse(expected, responses, apiId, hasCors, context)
  }
}

/** The header values that a MOCK integration answers a preflight with. */
export const preflightHeaders = (integration: unknown): readonly (readonly [name: string, value: string])[] =>
  listOf(isObject(integration) ? (integration['IntegrationResponses'] ?? []) : []).flatMap((response) =>
    Object.entries(objectIn(response, 'ResponseParameters')).map(
      ([name, value]) =>
        [
          name.replace('method.response.header.', '').toLowerCase(),
          String(value).replace(/^'|'$/g, ''),
        ] as const,
    ),
  )
