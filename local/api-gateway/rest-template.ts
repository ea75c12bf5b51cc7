// The REST API of a template: resource tree, methods, integrations, gateway responses, stage (CloudFormation
// AWS::ApiGateway reference). Not emulated, because AWS would decide differently: resource policies, private endpoints,
// IAM and Cognito authorization, API keys, response caches, integrations other than Lambda proxies and MOCKs for
// preflights.

import { rootResourceId } from './cloud-formation.ts'
import { EMULATED_INTEGRATION, isSet } from './emulated-properties.ts'
import { readGatewayResponses } from './gateway-response-template.ts'
import { isObject, listOf, type JsonObject } from './json.ts'
import type { RestApi, RestAuthorizer, RestMethod, RestResource } from './model.ts'
import { readMock } from './mock-template.ts'
import { readRestAuthorizers } from './rest-authorizer-template.ts'
import { selectAuthorization, type TemplateReader } from './template-reader.ts'

const DEFAULT_INTEGRATION_TIMEOUT_MS = 29_000

export function readRestApi(reader: TemplateReader): RestApi | undefined {
  const [api, ...others] = reader.resources('AWS::ApiGateway::RestApi')
  for (const other of others) reader.refuse(other.logicalId, 'only one REST API can run at a time')
  const authorizers = readRestAuthorizers(reader)
  if (!api) return undefined

  refuseUnsupportedApi(reader, api.logicalId, api.properties)
  return {
    logicalId: api.logicalId,
    id: api.id,
    isDefaultEndpointDisabled: isTrue(api.properties['DisableExecuteApiEndpoint']),
    ...readStage(reader, api.logicalId),
    binaryMediaTypes: listOf(api.properties['BinaryMediaTypes'] ?? []).map(String),
    resources: readResources(reader, api.logicalId, authorizers),
    gatewayResponses: readGatewayResponses(reader),
  }
}

function refuseUnsupportedApi({ refuse }: TemplateReader, logicalId: string, properties: JsonObject): void {
  if (isSet(properties['Policy'])) refuse(logicalId, 'a resource Policy is not emulated', 'run')
  const endpoint = properties['EndpointConfiguration']
  if (isObject(endpoint) && listOf(endpoint['Types']).includes('PRIVATE')) {
    refuse(logicalId, 'a PRIVATE endpoint is not emulated', 'run')
  }
}

function readStage(reader: TemplateReader, api: string): Pick<RestApi, 'stage' | 'stageVariables'> {
  const stages = [
    ...reader.resources('AWS::ApiGateway::Stage').map(({ logicalId, properties }) => ({
      logicalId,
      name: properties['StageName'],
      settings: properties,
    })),
    ...reader.resources('AWS::ApiGateway::Deployment').map(({ logicalId, properties }) => ({
      logicalId,
      name: properties['StageName'],
      settings: isObject(properties['StageDescription']) ? properties['StageDescription'] : {},
    })),
  ].filter(({ name }) => isSet(name))
  const [stage, ...others] = stages
  if (!stage) reader.refuse(api, 'the REST API has no stage', 'run')
  for (const other of others) {
    if (other.name !== stage?.name) reader.refuse(other.logicalId, 'only one stage can run at a time', 'run')
  }
  for (const { logicalId, settings } of stages) {
    if (isTrue(settings['CacheClusterEnabled']))
      reader.refuse(logicalId, 'the response cache is not emulated', 'run')
  }
  const variables = stages.map(({ settings }) => settings['Variables']).find(isObject) ?? {}
  return { stage: String(stage?.name), stageVariables: stringValues(variables) }
}

function readResources(
  reader: TemplateReader,
  api: string,
  authorizers: Map<string, RestAuthorizer>,
): RestResource[] {
  const declared = new Map(
    reader.resources('AWS::ApiGateway::Resource').map((resource) => [resource.id, resource]),
  )
  const rootId = rootResourceId(api)
  const pathOf = (id: string, depth = 0): string | undefined => {
    if (id === rootId) return ''
    const resource = declared.get(id)
    const parent =
      resource && depth < 100 ? pathOf(String(resource.properties['ParentId']), depth + 1) : undefined
    return parent === undefined ? undefined : `${parent}/${String(resource?.properties['PathPart'])}`
  }
  const resources = new Map<string, RestResource>([[rootId, { id: rootId, path: '/', methods: new Map() }]])
  for (const [id, { logicalId }] of declared) {
    const path = pathOf(id)
    if (path === undefined) reader.refuse(logicalId, 'ParentId does not lead to the root of the REST API')
    else resources.set(id, { id, path, methods: new Map() })
  }
  for (const { logicalId, properties } of reader.resources('AWS::ApiGateway::Method')) {
    const resource = resources.get(String(properties['ResourceId']))
    if (!resource) reader.refuse(logicalId, 'ResourceId names no resource of the REST API')
    const method = readMethod(reader, logicalId, properties, authorizers)
    resource?.methods.set(String(properties['HttpMethod']).toUpperCase(), method)
  }
  return [...resources.values()]
}

function readMethod(
  { refuse, functionIn }: TemplateReader,
  logicalId: string,
  properties: JsonObject,
  authorizers: Map<string, RestAuthorizer>,
): RestMethod {
  if (isTrue(properties['ApiKeyRequired'])) refuse(logicalId, 'ApiKeyRequired is not emulated', 'run')
  const authorization = selectAuthorization(authorizers, properties, (...why) => refuse(logicalId, ...why))

  const integration = isObject(properties['Integration']) ? properties['Integration'] : {}
  if (integration['Type'] === 'MOCK') {
    const fixedAnswer = readMock(integration)
    if (fixedAnswer === undefined)
      refuse(logicalId, 'only a MOCK integration whose answer is fixed is emulated', 'run')
    return {
      logicalId,
      functionId: '',
      timeoutMs: 0,
      ...authorization,
      fixedAnswer: fixedAnswer ?? { status: 500, headers: [] },
    }
  }
  const { applied, withoutEffect } = EMULATED_INTEGRATION
  for (const [name, value] of Object.entries(integration)) {
    if (applied.includes(name) || withoutEffect.includes(name) || !isSet(value)) continue
    refuse(logicalId, `the property Integration.${name} is not emulated`, 'run')
  }
  const functionId = functionIn(integration['Uri'])
  if (integration['Type'] !== 'AWS_PROXY') {
    refuse(logicalId, `integration type ${String(integration['Type'])} is not emulated`, 'run')
  } else if (functionId === undefined) {
    refuse(logicalId, 'the integration Uri names no function of this template', 'run')
  } else if ((integration['IntegrationHttpMethod'] ?? 'POST') !== 'POST') {
    refuse(logicalId, 'a Lambda function is invoked with IntegrationHttpMethod POST', 'run')
  }
  return {
    logicalId,
    functionId: functionId ?? '',
    timeoutMs: Number(integration['TimeoutInMillis'] ?? DEFAULT_INTEGRATION_TIMEOUT_MS),
    ...authorization,
  }
}

function stringValues(variables: JsonObject): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]))
}

/** CloudFormation accepts booleans as strings, too. */
function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}
