// An API whose routes and authorizers are in an OpenAPI body (`Body`, with the extensions x-amazon-apigateway-*), as the
// resources that CloudFormation would have without one. A body that cannot be read stays, and the comparison says so.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html

import { isObject, listOf, type JsonObject } from '../../local/api-gateway/json.ts'
import { functionOf } from './functions.ts'
import {
  AUTHORIZER,
  authorizationOf,
  capital,
  objectIn,
  operationsOf,
  renamed,
  schemesOf,
} from './open-api-operations.ts'

type Entries = (readonly [logicalId: string, resource: JsonObject])[]

const integrationOf = (definition: JsonObject): JsonObject =>
  objectIn(definition, 'x-amazon-apigateway-integration')

function restIntegration(integration: JsonObject): JsonObject {
  const responses = Object.entries(objectIn(integration, 'responses')).map(([pattern, response]) => ({
    ...renamed(isObject(response) ? response : {}, {
      statusCode: 'StatusCode',
      responseParameters: 'ResponseParameters',
      responseTemplates: 'ResponseTemplates',
    }),
    ...(pattern === 'default' ? {} : { SelectionPattern: pattern }),
  }))
  return {
    Type: String(integration['type'] ?? '').toUpperCase(),
    ...renamed(integration, {
      uri: 'Uri',
      httpMethod: 'IntegrationHttpMethod',
      timeoutInMillis: 'TimeoutInMillis',
      credentials: 'Credentials',
      requestTemplates: 'RequestTemplates',
      passthroughBehavior: 'PassthroughBehavior',
      contentHandling: 'ContentHandling',
    }),
    ...(responses.length > 0 && { IntegrationResponses: responses }),
  }
}

/** The resource of each path, from the root. Returns what refers to that of a path. */
function createPaths(apiId: string, entries: Entries): (path: string) => unknown {
  const known = new Map<string, unknown>([['', { 'Fn::GetAtt': [apiId, 'RootResourceId'] }]])
  const find = (path: string): unknown => {
    const clean = path.replace(/\/+$/, '')
    const existing = known.get(clean)
    if (existing !== undefined) return existing
    const slash = clean.lastIndexOf('/')
    const id = `${apiId}.Body.paths.${clean}`
    const ParentId = find(slash === -1 ? '' : clean.slice(0, slash))
    entries.push([
      id,
      {
        Type: 'AWS::ApiGateway::Resource',
        Properties: { RestApiId: { Ref: apiId }, ParentId, PathPart: clean.slice(slash + 1) },
      },
    ])
    known.set(clean, { Ref: id })
    return { Ref: id }
  }
  return find
}

function restResources(apiId: string, body: JsonObject): Entries | null {
  const operations = operationsOf(apiId, body)
  if (operations === null) return null
  const entries: Entries = []
  const schemes = schemesOf(body)
  const resourceOf = createPaths(apiId, entries)
  for (const operation of operations)
    entries.push([
      operation.place,
      {
        Type: 'AWS::ApiGateway::Method',
        Properties: {
          RestApiId: { Ref: apiId },
          ResourceId: resourceOf(operation.path),
          HttpMethod: operation.method,
          AuthorizationType: 'NONE',
          ...authorizationOf(apiId, operation, schemes),
          Integration: restIntegration(integrationOf(operation.definition)),
        },
      },
    ])
  for (const [name, scheme] of Object.entries(schemes)) {
    const authorizer = objectIn(scheme, AUTHORIZER)
    const type = String(authorizer['type'] ?? '').toUpperCase()
    if (type !== 'TOKEN' && type !== 'REQUEST') continue
    entries.push([
      `${apiId}.${name}`,
      {
        Type: 'AWS::ApiGateway::Authorizer',
        Properties: {
          RestApiId: { Ref: apiId },
          Type: type,
          ...(type === 'TOKEN' && {
            IdentitySource: `method.request.header.${String(objectIn(schemes, name)['name'])}`,
          }),
          ...authorizerProperties(authorizer),
          ...renamed(authorizer, { authorizerCredentials: 'AuthorizerCredentials' }),
        },
      },
    ])
  }
  for (const [type, response] of Object.entries(objectIn(body, 'x-amazon-apigateway-gateway-responses')))
    entries.push([
      `${apiId}.${type}`,
      {
        Type: 'AWS::ApiGateway::GatewayResponse',
        Properties: {
          RestApiId: { Ref: apiId },
          ResponseType: type,
          ...renamed(isObject(response) ? response : {}, {
            statusCode: 'StatusCode',
            responseParameters: 'ResponseParameters',
            responseTemplates: 'ResponseTemplates',
          }),
        },
      },
    ])
  return entries
}

const authorizerProperties = (authorizer: JsonObject): JsonObject =>
  renamed(authorizer, {
    authorizerUri: 'AuthorizerUri',
    authorizerResultTtlInSeconds: 'AuthorizerResultTtlInSeconds',
    identitySource: 'IdentitySource',
    identityValidationExpression: 'IdentityValidationExpression',
  })

/** `1` and `1.0` are numbers in a template, and the same versions. */
function versionOf(value: unknown): unknown {
  return typeof value === 'number' ? value.toFixed(1) : value
}

function httpResources(apiId: string, body: JsonObject): Entries | null {
  const operations = operationsOf(apiId, body)
  if (operations === null) return null
  const entries: Entries = []
  const schemes = schemesOf(body)
  const ApiId = { Ref: apiId }
  for (const operation of operations) {
    const { definition, method, path, place } = operation
    const integration = integrationOf(definition)
    const { ApiKeyRequired: _, ...authorization } = authorizationOf(apiId, operation, schemes)
    const key = path === '$default' || path === '/$default' ? '$default' : `${method} ${path}`
    entries.push(
      [
        `${place}.integration`,
        {
          Type: 'AWS::ApiGatewayV2::Integration',
          Properties: {
            ApiId,
            IntegrationType: String(integration['type'] ?? '').toUpperCase(),
            PayloadFormatVersion: versionOf(integration['payloadFormatVersion'] ?? '1.0'),
            ...renamed(integration, { uri: 'IntegrationUri', timeoutInMillis: 'TimeoutInMillis' }),
          },
        },
      ],
      [
        place,
        {
          Type: 'AWS::ApiGatewayV2::Route',
          Properties: {
            ApiId,
            RouteKey: key,
            Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${place}.integration` }]] },
            ...authorization,
          },
        },
      ],
    )
  }
  for (const [name, scheme] of Object.entries(schemes)) {
    const authorizer = objectIn(scheme, AUTHORIZER)
    if (String(authorizer['type']).toLowerCase() !== 'request') continue
    const { identitySource } = authorizer
    const sources =
      typeof identitySource === 'string'
        ? identitySource.split(',').map((each) => each.trim())
        : identitySource
    entries.push([
      `${apiId}.${name}`,
      {
        Type: 'AWS::ApiGatewayV2::Authorizer',
        Properties: {
          ApiId,
          AuthorizerType: 'REQUEST',
          ...authorizerProperties(authorizer),
          ...(sources !== undefined && { IdentitySource: sources }),
          AuthorizerPayloadFormatVersion: versionOf(authorizer['authorizerPayloadFormatVersion']),
          ...renamed(authorizer, {
            enableSimpleResponses: 'EnableSimpleResponses',
            authorizerCredentials: 'AuthorizerCredentialsArn',
          }),
        },
      },
    ])
  }
  return entries
}

function httpProperties(body: JsonObject): JsonObject {
  const cors = objectIn(body, 'x-amazon-apigateway-cors')
  if (Object.keys(cors).length === 0) return {}
  return {
    CorsConfiguration: Object.fromEntries(
      Object.entries(cors).map(([name, value]) => [capital(name), value]),
    ),
  }
}

/** What the body says about the API itself. */
function apiProperties(body: JsonObject): JsonObject {
  const { disableExecuteApiEndpoint } = {
    ...objectIn(body, 'x-amazon-apigateway-endpoint-configuration'),
    ...objectIn(listOf(body['servers'] ?? [])[0], 'x-amazon-apigateway-endpoint-configuration'),
  }
  const policy = body['x-amazon-apigateway-policy']
  return {
    ...(disableExecuteApiEndpoint !== undefined && { DisableExecuteApiEndpoint: disableExecuteApiEndpoint }),
    ...(policy !== undefined && { Policy: policy }),
  }
}

/** A body may be JSON text. */
function bodyOf(value: unknown): JsonObject | null {
  if (typeof value === 'string') {
    try {
      const parsed: unknown = JSON.parse(value)
      return isObject(parsed) ? parsed : null
    } catch {
      return null
    }
  }
  return isObject(value) && functionOf(value) === null ? value : null
}

/** A resource, or the resources that it stands for if it is an API with a body. */
export function expandBody([logicalId, resource]: readonly [string, JsonObject]): Entries {
  const { Body, ...properties } = objectIn(resource, 'Properties')
  const isRest = resource['Type'] === 'AWS::ApiGateway::RestApi'
  const body =
    Body === undefined || (!isRest && resource['Type'] !== 'AWS::ApiGatewayV2::Api') ? null : bodyOf(Body)
  const inside =
    body === null ? null : isRest ? restResources(logicalId, body) : httpResources(logicalId, body)
  if (body === null || inside === null) return [[logicalId, resource]]
  const Properties = {
    ...(isRest ? {} : { ProtocolType: 'HTTP', ...httpProperties(body) }),
    ...apiProperties(body),
    ...properties,
  }
  const condition = resource['Condition'] === undefined ? {} : { Condition: resource['Condition'] }
  return [
    [logicalId, { ...resource, Properties }],
    ...inside.map(([id, each]) => [id, { ...each, ...condition }] as const),
  ]
}
