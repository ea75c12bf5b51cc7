// CloudFormation for tests: the smallest REST or HTTP API with one authorizer, and room to change any resource.

import type { JsonObject } from '../../../local/api-gateway/json.ts'

export type Resources = Record<string, { Type: string; Properties: JsonObject }>

export function lambdaFunction(properties: JsonObject = {}) {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: { Handler: 'code/index.handler', Runtime: 'nodejs24.x', Timeout: 5, ...properties },
  }
}

const functions: Resources = { Auth: lambdaFunction(), Backend: lambdaFunction() }

const uri = (logicalId: string) => ({
  'Fn::Sub': `arn:\${AWS::Partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions/\${${logicalId}.Arn}/invocations`,
})

const FIXED: JsonObject = {
  Type: 'MOCK',
  RequestTemplates: { 'application/json': '{statusCode:200}' },
  IntegrationResponses: [{ StatusCode: '200' }],
}

export interface RestOptions {
  /**
   * Paths below the root, each `METHOD /path`, `METHOD /path open` for a method without authorizer, or
   * `METHOD /path fixed` for one that API Gateway answers by itself.
   */
  methods?: string[]
  authorizer?: JsonObject
  more?: Resources
}

export function restTemplate({ methods = ['GET /orders'], authorizer = {}, more = {} }: RestOptions = {}) {
  const resources: Resources = {
    ...functions,
    Rest: { Type: 'AWS::ApiGateway::RestApi', Properties: { Name: 'rest', Policy: '' } },
    Deployment: {
      Type: 'AWS::ApiGateway::Deployment',
      Properties: { RestApiId: { Ref: 'Rest' }, StageName: 'local' },
    },
    Authorizer: {
      Type: 'AWS::ApiGateway::Authorizer',
      Properties: {
        RestApiId: { Ref: 'Rest' },
        Name: 'auth',
        Type: 'TOKEN',
        IdentitySource: 'method.request.header.Authorization',
        AuthorizerResultTtlInSeconds: 0,
        AuthorizerUri: uri('Auth'),
        ...authorizer,
      },
    },
  }
  const resourceId = (path: string): unknown => {
    if (path === '') return { 'Fn::GetAtt': ['Rest', 'RootResourceId'] }
    const logicalId = `Resource${path.replaceAll('/', 'In').replace(/[{}]/g, 'Var').replace('+', 'Plus')}`
    const slash = path.lastIndexOf('/')
    resources[logicalId] ??= {
      Type: 'AWS::ApiGateway::Resource',
      Properties: {
        RestApiId: { Ref: 'Rest' },
        ParentId: resourceId(path.slice(0, slash)),
        PathPart: path.slice(slash + 1),
      },
    }
    return { Ref: logicalId }
  }
  for (const [index, method] of methods.entries()) {
    const [verb, path = '/', open] = method.split(' ')
    resources[`Method${index}`] = {
      Type: 'AWS::ApiGateway::Method',
      Properties: {
        RestApiId: { Ref: 'Rest' },
        ResourceId: resourceId(path === '/' ? '' : path),
        HttpMethod: verb,
        ApiKeyRequired: false,
        ...(open
          ? { AuthorizationType: 'NONE' }
          : { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: 'Authorizer' } }),
        Integration:
          open === 'fixed'
            ? FIXED
            : { Type: 'AWS_PROXY', IntegrationHttpMethod: 'POST', Uri: uri('Backend') },
      },
    }
  }
  return { Resources: { ...resources, ...more } }
}

export interface HttpOptions {
  routes?: string[]
  authorizer?: JsonObject
  integration?: JsonObject
  stage?: JsonObject
  more?: Resources
}

export function httpTemplate({
  routes = ['GET /orders'],
  authorizer = {},
  integration = {},
  stage = {},
  more = {},
}: HttpOptions = {}) {
  const resources: Resources = {
    ...functions,
    Http: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'http', ProtocolType: 'HTTP' } },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: { ApiId: { Ref: 'Http' }, StageName: '$default', AutoDeploy: true, ...stage },
    },
    HttpAuthorizer: {
      Type: 'AWS::ApiGatewayV2::Authorizer',
      Properties: {
        ApiId: { Ref: 'Http' },
        Name: 'auth',
        AuthorizerType: 'REQUEST',
        AuthorizerPayloadFormatVersion: '2.0',
        EnableSimpleResponses: true,
        IdentitySource: ['$request.header.Authorization'],
        AuthorizerUri: uri('Auth'),
        ...authorizer,
      },
    },
    Integration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: { Ref: 'Http' },
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: { 'Fn::GetAtt': ['Backend', 'Arn'] },
        PayloadFormatVersion: '2.0',
        ...integration,
      },
    },
  }
  for (const [index, route] of routes.entries()) {
    resources[`Route${index}`] = {
      Type: 'AWS::ApiGatewayV2::Route',
      Properties: {
        ApiId: { Ref: 'Http' },
        RouteKey: route.replace(' open', ''),
        Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
        ...(!route.endsWith(' open') && {
          AuthorizationType: 'CUSTOM',
          AuthorizerId: { Ref: 'HttpAuthorizer' },
        }),
      },
    }
  }
  return { Resources: { ...resources, ...more } }
}

/** A WebSocket API whose handshake has an authorizer with one identity source. */
export function socketTemplate(identitySource = 'route.request.header.Authorization'): {
  Resources: Resources
} {
  const { Auth, Backend, Stage, Integration, Route0, HttpAuthorizer, Http } = httpTemplate({
    routes: ['$connect'],
    stage: { StageName: 'local' },
  }).Resources
  const api = {
    ...Http!,
    Properties: { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' },
  }
  const { ApiId, AuthorizerUri, AuthorizerType } = HttpAuthorizer!.Properties
  const authorizer = {
    ...HttpAuthorizer!,
    Properties: { ApiId, AuthorizerUri, AuthorizerType, IdentitySource: [identitySource] },
  }
  const { PayloadFormatVersion: _, ...integration } = Integration!.Properties
  return {
    Resources: {
      ...{ Auth: Auth!, Backend: Backend!, Stage: Stage!, Route0: Route0! },
      Http: api,
      HttpAuthorizer: authorizer,
      Integration: { ...Integration!, Properties: integration },
    },
  }
}
