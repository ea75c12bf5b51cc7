// AWS::Serverless::WebSocketApi as the resources that SAM deploys (aws-sam-translator, websocket_api_generator.py).

import { isObject, isScalar, type JsonObject } from '../../../local/api-gateway/json.ts'
import { invocationUri, permissionFor } from './authorizers.ts'

type Entries = (readonly [logicalId: string, resource: JsonObject])[]

const cleaned = (key: string): string => {
  const name = key.replaceAll('$', '')
  return `${name.charAt(0).toUpperCase()}${name.slice(1).toLowerCase()}`
}

function routeOf(
  apiId: string,
  key: string,
  route: JsonObject,
  authorizerId: string | null,
  auth: JsonObject,
): Entries {
  const base = `${apiId}${cleaned(key)}`
  const isConnect = key === '$connect'
  const custom = isConnect && authorizerId !== null
  const ApiId = { Ref: apiId }
  return [
    [
      `${base}Route`,
      {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          ApiId,
          RouteKey: key,
          Target: { 'Fn::Join': ['/', ['integrations', { Ref: `${base}Integration` }]] },
          ...(custom && { AuthorizationType: 'CUSTOM', AuthorizerId: { Ref: authorizerId } }),
          ...(isConnect && auth['AuthType'] === 'AWS_IAM' && { AuthorizationType: 'AWS_IAM' }),
          ...(route['RouteResponseSelectionExpression'] !== undefined && {
            RouteResponseSelectionExpression: route['RouteResponseSelectionExpression'],
          }),
        },
      },
    ],
    [
      `${base}Integration`,
      {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          ApiId,
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: invocationUri(route['FunctionArn']),
        },
      },
    ],
  ]
}

export function translateWebSocketApi(apiId: string, properties: JsonObject): Entries {
  const {
    Auth,
    DisableExecuteApiEndpoint,
    Routes,
    RouteSelectionExpression,
    StageName = 'default',
    StageVariables,
  } = properties
  const auth = isObject(Auth) ? Auth : {}
  const ApiId = { Ref: apiId }
  const authorizerId = auth['AuthType'] === 'CUSTOM' ? `${apiId}ConnectAuthorizer` : null
  const authorizer: Entries =
    authorizerId === null
      ? []
      : [
          [
            authorizerId,
            {
              Type: 'AWS::ApiGatewayV2::Authorizer',
              Properties: {
                ApiId,
                AuthorizerType: 'REQUEST',
                AuthorizerUri: invocationUri(auth['AuthArn']),
                Name: authorizerId,
                ...(auth['IdentitySource'] !== undefined && { IdentitySource: auth['IdentitySource'] }),
                ...(auth['InvokeRole'] !== undefined && { AuthorizerCredentialsArn: auth['InvokeRole'] }),
              },
            },
          ],
          ...(auth['InvokeRole'] === undefined
            ? [[`${apiId}AuthorizerPermission`, permissionFor(apiId, auth['AuthArn'])] as const]
            : []),
        ]
  const stageId =
    StageName === 'default'
      ? `${apiId}DefaultStage`
      : `${apiId}${isScalar(StageName) ? String(StageName) : ''}Stage`
  const routes = Object.entries(isObject(Routes) ? Routes : {})
  return [
    [
      apiId,
      {
        Type: 'AWS::ApiGatewayV2::Api',
        Properties: {
          ProtocolType: 'WEBSOCKET',
          RouteSelectionExpression,
          ...(DisableExecuteApiEndpoint !== undefined && { DisableExecuteApiEndpoint }),
        },
      },
    ],
    [
      stageId,
      {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: { ApiId, StageName, ...(StageVariables !== undefined && { StageVariables }) },
      },
    ],
    ...routes.flatMap(([key, route]) =>
      isObject(route) ? routeOf(apiId, key, route, authorizerId, auth) : [],
    ),
    ...authorizer,
  ]
}
