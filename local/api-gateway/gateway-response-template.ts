// AWS::ApiGateway::GatewayResponse resources (developer guide, "Gateway responses in API Gateway"). A mapping
// expression or body template that gateway-response.ts does not evaluate stops the start, so that a challenge or CORS
// header is never missing without an error.

import { isObject } from './json.ts'
import type { GatewayResponse } from './model.ts'
import type { TemplateReader } from './template-reader.ts'

const HEADER_PARAMETER = /^gatewayresponse\.header\.([!#$%&'*+.^_`|~0-9A-Za-z-]+)$/
const HEADER_SOURCE =
  /^('.*'|context\.[\w.-]+|stageVariables\.\w+|method\.request\.(header|querystring|path)\.[\w.-]+)$/s

export function readGatewayResponses({ resources, refuse }: TemplateReader): Map<string, GatewayResponse> {
  const responses = new Map<string, GatewayResponse>()
  for (const { logicalId, properties } of resources('AWS::ApiGateway::GatewayResponse')) {
    const headers: [string, string][] = []
    for (const [parameter, expression] of entriesOf(properties['ResponseParameters'])) {
      const name = HEADER_PARAMETER.exec(parameter)?.[1]
      if (name !== undefined && HEADER_SOURCE.test(String(expression)))
        headers.push([name, String(expression)])
      else
        refuse(
          logicalId,
          `the response parameter ${parameter} = ${String(expression)} is not emulated`,
          'run',
        )
    }

    const { 'application/json': jsonTemplate, ...otherTemplates } = Object.fromEntries(
      entriesOf(properties['ResponseTemplates']),
    )
    for (const mediaType of Object.keys(otherTemplates)) {
      refuse(
        logicalId,
        `the response template for ${mediaType} is not emulated, only application/json`,
        'run',
      )
    }

    const statusCode = properties['StatusCode']
    if (statusCode !== undefined && !/^[2-5]\d\d$/.test(String(statusCode))) {
      refuse(logicalId, `StatusCode ${String(statusCode)} is not an HTTP status`, 'run')
    }
    responses.set(String(properties['ResponseType']), {
      headers,
      ...(statusCode !== undefined && { statusCode: Number(statusCode) }),
      ...(typeof jsonTemplate === 'string' && { jsonTemplate }),
    })
  }
  return responses
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : []
}
