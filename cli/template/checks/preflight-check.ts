// Whether the preflights of an API let a browser send its token: the Authorization field has to be named, because `*`
// does not cover it (Fetch standard, "CORS-unsafe request-header names").

import { listOf } from '../../../local/api-gateway/json.ts'
import { isSet } from '../../../local/api-gateway/emulated-properties.ts'
import { objectIn, referredId, type CheckContext } from './context.ts'
import { preflightHeaders } from './gateway-response-check.ts'

const NAMED = 'name Authorization among the allowed headers'

const namesAuthorization = (headers: readonly string[]): boolean =>
  headers.some((each) => each.trim().toLowerCase() === 'authorization')

function checkHttpApi(apiId: string, context: CheckContext): void {
  const cors = context.resources.get(apiId)?.properties['CorsConfiguration']
  if (!isSet(cors)) return
  const { AllowHeaders, AllowOrigins, AllowCredentials } = objectIn({ cors }, 'cors')
  const find = context.findAt(`HTTP API ${apiId}`, apiId)
  const headers = listOf(AllowHeaders ?? []).map((each) => context.textOf(each))
  if (!headers.includes(null) && !namesAuthorization(headers.map(String)))
    find(
      'warning',
      `answers preflights that do not allow the Authorization field, so browsers send no token; ${NAMED}`,
      'CorsConfiguration.AllowHeaders',
    )
  if (String(AllowCredentials) === 'true' && listOf(AllowOrigins ?? []).includes('*'))
    find(
      'problem',
      'allows credentials to every origin, which browsers and API Gateway refuse; name the origins',
      'CorsConfiguration.AllowOrigins',
    )
}

function checkRestApi(apiId: string, context: CheckContext): void {
  const methods = context
    .ofType('AWS::ApiGateway::Method')
    .filter(
      ({ properties }) =>
        properties['HttpMethod'] === 'OPTIONS' && referredId(properties['RestApiId']) === apiId,
    )
    .filter(({ properties }) => objectIn(properties, 'Integration')['Type'] === 'MOCK')
  const silent = methods.filter(({ properties }) => {
    const headers = preflightHeaders(properties['Integration']).filter(
      ([name]) => name === 'access-control-allow-headers',
    )
    return !headers.some(([, value]) => value.includes('[object') || namesAuthorization(value.split(',')))
  })
  if (silent.length === 0) return
  context.findAt(`REST API ${apiId}`, silent[0]!.logicalId)(
    'warning',
    `answers ${silent.length === 1 ? 'a preflight' : `${silent.length} preflights`} without the Authorization field among the allowed headers, so browsers send no token; ${NAMED}`,
    'Integration.IntegrationResponses',
  )
}

export function checkPreflights(context: CheckContext): void {
  const apis = new Map(context.authorizers.map(({ apiId, kind }) => [apiId, kind]))
  for (const [apiId, kind] of apis) {
    if (kind === 'HTTP') checkHttpApi(apiId, context)
    if (kind === 'REST') checkRestApi(apiId, context)
  }
}
