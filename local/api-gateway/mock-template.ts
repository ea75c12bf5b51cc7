// MOCK integrations with a fixed answer: one response, for the status that the request template names, with only
// literals in its headers. osls, CDK and SAM write such integrations for preflights. The one response has no pattern, so it
// answers whatever status the request template names. A MOCK whose answer depends on a mapping template is not
// emulated. Developer guide, "Mock integrations for REST APIs in API Gateway".

import { isObject, listOf, type JsonObject } from './json.ts'
import type { FixedAnswer } from './model.ts'

const KNOWN = ['Type', 'RequestTemplates', 'IntegrationResponses', 'ContentHandling', 'PassthroughBehavior']

/** `undefined` for a MOCK that is not emulated. */
export function readMock(integration: JsonObject): FixedAnswer | undefined {
  if (Object.keys(integration).some((name) => !KNOWN.includes(name))) return undefined
  const templates = integration['RequestTemplates']
  const requestTemplate = isObject(templates) ? templates['application/json'] : undefined
  const status = /^\s*\{\s*"?statusCode"?\s*:\s*(\d{3})\s*\}\s*$/.exec(String(requestTemplate))?.[1]
  const [response, ...others] = listOf(integration['IntegrationResponses'] ?? [])
  if (status === undefined || others.length > 0 || !isObject(response)) return undefined
  const answered = /^[2-5]\d\d$/.exec(String(response['StatusCode']))?.[0]
  if (answered === undefined || response['SelectionPattern'] !== undefined) return undefined
  const body = readBody(response['ResponseTemplates'])
  if (body === undefined) return undefined
  const parameters = isObject(response['ResponseParameters']) ? response['ResponseParameters'] : {}
  const headers: FixedAnswer['headers'] = []
  for (const [name, expression] of Object.entries(parameters)) {
    const [, header] = /^method\.response\.header\.(.+)$/.exec(name) ?? []
    const [, literal] = /^'([^']*)'$/.exec(String(expression)) ?? []
    if (header === undefined || literal === undefined) return undefined
    headers.push([header, literal])
  }
  return { status: Number(answered), headers, ...(body !== '' && { body }) }
}

/** The body of every answer. `undefined`: it depends on the request. */
function readBody(templates: unknown): string | undefined {
  const [body = '', ...others] = isObject(templates) ? Object.values(templates) : []
  if (others.some((other) => other !== body)) return undefined
  return typeof body === 'string' && !/[$#]/.test(body) ? body : undefined
}
