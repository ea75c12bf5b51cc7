// MOCK integrations with a fixed answer: one response, for the status that the request template names, with only
// literals in its headers. osls writes such integrations for preflights from `cors` of a REST API. A MOCK whose answer
// depends on a mapping template is not emulated. Developer guide, "Mock integrations for REST APIs in API Gateway".

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
  if (String(response['StatusCode']) !== status || response['SelectionPattern'] !== undefined)
    return undefined
  const bodies = isObject(response['ResponseTemplates']) ? Object.values(response['ResponseTemplates']) : []
  if (bodies.some((body) => body !== '')) return undefined
  const parameters = isObject(response['ResponseParameters']) ? response['ResponseParameters'] : {}
  const headers: FixedAnswer['headers'] = []
  for (const [name, expression] of Object.entries(parameters)) {
    const [, header] = /^method\.response\.header\.(.+)$/.exec(name) ?? []
    const [, literal] = /^'([^']*)'$/.exec(String(expression)) ?? []
    if (header === undefined || literal === undefined) return undefined
    headers.push([header, literal])
  }
  return { status: Number(status), headers }
}
