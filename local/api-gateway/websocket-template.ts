// The WebSocket API of a template: routes, the REQUEST authorizer of $connect, Lambda integrations, stage
// (CloudFormation AWS::ApiGatewayV2 reference). Problems: an authorizer on another route; a result lifetime, because
// WebSocket APIs have no result cache; a RouteSelectionExpression other than a member of the message.

import { isSet } from './emulated-properties.ts'
import { listOf } from './json.ts'
import { readStage } from './http-template.ts'
import type { IdentitySource, RequestAuthorizer, WebSocketApi, WebSocketRoute } from './model.ts'
import { ofApi, selectAuthorization, type TemplateReader } from './template-reader.ts'

const DEFAULT_INTEGRATION_TIMEOUT_MS = 29_000
const SOURCE = /^route\.request\.(header|querystring)\.(.+)$/

export function readWebSocketApi(reader: TemplateReader): WebSocketApi | undefined {
  const [api, ...others] = reader
    .resources('AWS::ApiGatewayV2::Api')
    .filter(({ properties }) => properties['ProtocolType'] === 'WEBSOCKET')
  if (!api) return undefined
  for (const other of others) reader.refuse(other.logicalId, 'only one WebSocket API can run at a time')
  const apiReader = ofApi(reader, api.id)
  const selection = String(api.properties['RouteSelectionExpression'])
  const routeMember = /^\$request\.body\.([A-Za-z0-9_]+)$/.exec(selection)?.[1]
  if (routeMember === undefined)
    reader.refuse(api.logicalId, `RouteSelectionExpression ${selection} is not emulated`, 'run')
  if (String(api.properties['DisableExecuteApiEndpoint']) === 'true')
    reader.refuse(
      api.logicalId,
      'DisableExecuteApiEndpoint: a WebSocket API has no custom domain here',
      'run',
    )
  if (isSet(api.properties['CorsConfiguration']))
    reader.refuse(api.logicalId, 'a WebSocket API has no CorsConfiguration')
  return {
    logicalId: api.logicalId,
    id: api.id,
    ...readStage(apiReader, api.logicalId),
    routeMember: routeMember ?? '',
    routes: readRoutes(apiReader, readAuthorizers(apiReader)),
  }
}

function readAuthorizers({ resources, refuse, functionIn }: TemplateReader): Map<string, RequestAuthorizer> {
  const authorizers = new Map<string, RequestAuthorizer>()
  for (const { logicalId, id, properties } of resources('AWS::ApiGatewayV2::Authorizer')) {
    const functionId = functionIn(properties['AuthorizerUri'])
    if (functionId === undefined) refuse(logicalId, 'AuthorizerUri names no function of this template')
    if (properties['AuthorizerType'] !== 'REQUEST')
      refuse(logicalId, `authorizer type ${String(properties['AuthorizerType'])} is not emulated`)
    if (Number(properties['AuthorizerResultTtlInSeconds'] ?? 0) !== 0)
      refuse(logicalId, 'a WebSocket API caches no answers; take AuthorizerResultTtlInSeconds out')
    const identitySources = listOf(properties['IdentitySource'] ?? []).flatMap(
      (expression): IdentitySource[] => {
        const [, from, name = ''] = SOURCE.exec(String(expression)) ?? []
        if (from === 'header' || from === 'querystring') return [{ from, name }]
        refuse(logicalId, `the identity source "${String(expression)}" is not known`)
        return []
      },
    )
    authorizers.set(id, {
      type: 'REQUEST',
      logicalId,
      functionId: functionId ?? '',
      resultTtlSeconds: 0,
      identitySources,
    })
  }
  return authorizers
}

function readRoutes(
  { resources, refuse, functionIn }: TemplateReader,
  authorizers: Map<string, RequestAuthorizer>,
): WebSocketRoute[] {
  const integrations = new Map(
    resources('AWS::ApiGatewayV2::Integration').map(({ logicalId, id, properties }) => {
      const functionId = functionIn(properties['IntegrationUri'])
      if (properties['IntegrationType'] !== 'AWS_PROXY' || functionId === undefined)
        refuse(
          logicalId,
          'only Lambda proxy integrations with a function of this template are emulated',
          'run',
        )
      const timeoutMs = Number(properties['TimeoutInMillis'] ?? DEFAULT_INTEGRATION_TIMEOUT_MS)
      return [id, { functionId: functionId ?? '', timeoutMs }] as const
    }),
  )
  const routesWithResponse = new Set(
    resources('AWS::ApiGatewayV2::RouteResponse').map(({ properties }) => String(properties['RouteId'])),
  )
  return resources('AWS::ApiGatewayV2::Route').flatMap(({ logicalId, id, properties }) => {
    const key = String(properties['RouteKey'])
    const authorization = selectAuthorization(authorizers, properties, (...why) => refuse(logicalId, ...why))
    if (authorization.authorizer && key !== '$connect')
      refuse(logicalId, 'only $connect can have an authorizer')
    const integration = integrations.get(String(properties['Target']).replace(/^integrations\//, ''))
    if (!integration) {
      refuse(logicalId, 'Target names no integration of this template')
      return []
    }
    return { logicalId, key, ...integration, sendsResponse: routesWithResponse.has(id), ...authorization }
  })
}
