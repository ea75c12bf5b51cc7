// The HTTP API of a template: routes, REQUEST authorizers with payload 1.0 or 2.0, Lambda integrations, stage, CORS
// (CloudFormation AWS::ApiGatewayV2 reference). JWT and IAM authorization are not emulated.

import { isSet } from './emulated-properties.ts'
import { isObject, listOf, type JsonObject } from './json.ts'
import type { HttpApi, HttpAuthorizer, HttpRoute, IdentitySource, PayloadVersion } from './model.ts'
import { ofApi, readResultTtl, selectAuthorization, type TemplateReader } from './template-reader.ts'

const DEFAULT_INTEGRATION_TIMEOUT_MS = 30_000

const SOURCE_FORMS: [form: RegExp, from: IdentitySource['from']][] = [
  [/^\$request\.header\.(.+)$/, 'header'],
  [/^\$request\.querystring\.(.+)$/, 'querystring'],
  [/^\$context\.(.+)$/, 'context'],
  [/^\$stageVariables\.(.+)$/, 'stageVariables'],
]

const ROUTE_KEY = /^(\$default|[A-Z]+ \/\S*)$/

type Integration = Pick<HttpRoute, 'functionId' | 'payloadVersion' | 'timeoutMs'>

export function readHttpApi(reader: TemplateReader): HttpApi | undefined {
  const apis = reader
    .resources('AWS::ApiGatewayV2::Api')
    .filter(({ properties }) => properties['ProtocolType'] !== 'WEBSOCKET')
  for (const { logicalId, properties } of apis) {
    if (properties['ProtocolType'] !== 'HTTP') {
      reader.refuse(logicalId, `protocol ${String(properties['ProtocolType'])} is not emulated`)
    }
  }
  const [api, ...others] = apis
  if (!api) return undefined
  for (const other of others) reader.refuse(other.logicalId, 'only one HTTP API can run at a time')
  const apiReader = ofApi(reader, api.id)
  return {
    logicalId: api.logicalId,
    id: api.id,
    isDefaultEndpointDisabled: String(api.properties['DisableExecuteApiEndpoint']) === 'true',
    ...readStage(apiReader, api.logicalId),
    ...readCors(api.properties['CorsConfiguration']),
    routes: readRoutes(apiReader, readIntegrations(apiReader), readAuthorizers(apiReader)),
  }
}

function readCors(value: unknown): Pick<HttpApi, 'cors'> {
  if (!isObject(value) || !isSet(value)) return {}
  const texts = (name: string) => listOf(value[name] ?? []).map(String)
  const age = value['MaxAge']
  return {
    cors: {
      origins: texts('AllowOrigins'),
      methods: texts('AllowMethods'),
      headers: texts('AllowHeaders'),
      exposed: texts('ExposeHeaders'),
      credentials: String(value['AllowCredentials'] ?? false) === 'true',
      ...(age === undefined ? {} : { maxAgeSeconds: Number(age) }),
    },
  }
}

export function readStage(reader: TemplateReader, api: string): Pick<HttpApi, 'stage' | 'stageVariables'> {
  const [stage, ...others] = reader.resources('AWS::ApiGatewayV2::Stage')
  if (!stage) reader.refuse(api, 'the API has no stage', 'run')
  for (const other of others) reader.refuse(other.logicalId, 'only one stage can run at a time', 'run')
  const variables = stage?.properties['StageVariables']
  const entries = isObject(variables) ? Object.entries(variables) : []
  return {
    stage: String(stage?.properties['StageName']),
    stageVariables: Object.fromEntries(entries.map(([name, value]) => [name, String(value)])),
  }
}

function readAuthorizers(reader: TemplateReader): Map<string, HttpAuthorizer> {
  const authorizers = new Map<string, HttpAuthorizer>()
  for (const { logicalId, id, properties } of reader.resources('AWS::ApiGatewayV2::Authorizer')) {
    const authorizer = readAuthorizer(reader, logicalId, properties)
    if (authorizer) authorizers.set(id, authorizer)
  }
  return authorizers
}

function readAuthorizer(
  { refuse, functionIn }: TemplateReader,
  logicalId: string,
  properties: JsonObject,
): HttpAuthorizer | undefined {
  if (properties['AuthorizerType'] !== 'REQUEST') {
    refuse(logicalId, `authorizer type ${String(properties['AuthorizerType'])} is not emulated`, 'run')
    return undefined
  }
  const resultTtlSeconds = readResultTtl(properties['AuthorizerResultTtlInSeconds'], 0)
  if (resultTtlSeconds === undefined)
    refuse(logicalId, 'AuthorizerResultTtlInSeconds is not a whole number from 0 to 3600')
  const functionId = functionIn(properties['AuthorizerUri'])
  if (functionId === undefined) refuse(logicalId, 'AuthorizerUri names no function of this template')
  const payloadVersion = readVersion(properties['AuthorizerPayloadFormatVersion'])
  if (!payloadVersion) refuse(logicalId, 'AuthorizerPayloadFormatVersion is neither "1.0" nor "2.0"')
  const simpleResponses = String(properties['EnableSimpleResponses'] ?? false) === 'true'
  if (simpleResponses && payloadVersion === '1.0') {
    refuse(logicalId, 'EnableSimpleResponses needs AuthorizerPayloadFormatVersion 2.0')
  }
  const identitySources: IdentitySource[] = []
  for (const expression of listOf(properties['IdentitySource'] ?? [])) {
    const source = readIdentitySource(String(expression))
    if (source) identitySources.push(source)
    else refuse(logicalId, `the identity source "${String(expression)}" is not known`)
  }
  if ((resultTtlSeconds ?? 0) > 0 && identitySources.length === 0)
    refuse(logicalId, 'an authorizer that caches answers needs at least one identity source')
  return {
    type: 'REQUEST',
    logicalId,
    functionId: functionId ?? '',
    resultTtlSeconds: resultTtlSeconds ?? 0,
    identitySources,
    payloadVersion: payloadVersion ?? '2.0',
    simpleResponses,
  }
}

function readIdentitySource(expression: string): IdentitySource | undefined {
  for (const [form, from] of SOURCE_FORMS) {
    const name = form.exec(expression)?.[1]
    if (name !== undefined) return { from, name }
  }
  return undefined
}

function readIntegrations({ resources, refuse, functionIn }: TemplateReader): Map<string, Integration> {
  const integrations = new Map<string, Integration>()
  for (const { logicalId, id, properties } of resources('AWS::ApiGatewayV2::Integration')) {
    const functionId = functionIn(properties['IntegrationUri'])
    const payloadVersion = readVersion(properties['PayloadFormatVersion'])
    if (properties['IntegrationType'] !== 'AWS_PROXY') {
      refuse(logicalId, `integration type ${String(properties['IntegrationType'])} is not emulated`, 'run')
    } else if (functionId === undefined) {
      refuse(logicalId, 'IntegrationUri names no function of this template', 'run')
    } else if (!payloadVersion) {
      refuse(logicalId, 'PayloadFormatVersion is neither "1.0" nor "2.0"', 'run')
    }
    integrations.set(id, {
      functionId: functionId ?? '',
      payloadVersion: payloadVersion ?? '2.0',
      timeoutMs: Number(properties['TimeoutInMillis'] ?? DEFAULT_INTEGRATION_TIMEOUT_MS),
    })
  }
  return integrations
}

function readRoutes(
  { resources, refuse }: TemplateReader,
  integrations: Map<string, Integration>,
  authorizers: Map<string, HttpAuthorizer>,
): HttpRoute[] {
  return resources('AWS::ApiGatewayV2::Route').flatMap(({ logicalId, properties }) => {
    const key = String(properties['RouteKey'])
    if (!ROUTE_KEY.test(key)) {
      refuse(logicalId, `RouteKey "${key}" is not a method and a path`)
      return []
    }
    const authorization = selectAuthorization(authorizers, properties, (...why) => refuse(logicalId, ...why))
    const integration = integrations.get(String(properties['Target']).replace(/^integrations\//, ''))
    if (!integration) {
      refuse(logicalId, 'Target names no integration of this template')
      return []
    }
    return { logicalId, key, ...integration, ...authorization }
  })
}

function readVersion(value: unknown): PayloadVersion | undefined {
  return value === '1.0' || value === '2.0' ? value : undefined
}
