// `Auth.Authorizers` of a SAM API as the security schemes of OpenAPI that SAM deploys (aws-sam-translator,
// model/apigateway.py and model/apigatewayv2.py), and the permissions that let API Gateway call their functions.

import { isObject, listOf, type JsonObject } from '../../../local/api-gateway/json.ts'
import { join } from '../functions.ts'

export type Kind = 'REST' | 'HTTP'

const EXTENSION = 'x-amazon-apigateway-authorizer'

const PREFIXES = {
  REST: {
    Headers: 'method.request.header.',
    QueryStrings: 'method.request.querystring.',
    StageVariables: 'stageVariables.',
    Context: 'context.',
  },
  HTTP: {
    Headers: '$request.header.',
    QueryStrings: '$request.querystring.',
    StageVariables: '$stageVariables.',
    Context: '$context.',
  },
} as const

function identitySources(identity: JsonObject, kind: Kind): readonly string[] {
  return Object.entries(PREFIXES[kind]).flatMap(([member, prefix]) =>
    identity[member] === undefined ? [] : listOf(identity[member]).map((name) => `${prefix}${String(name)}`),
  )
}

export const invocationUri = (functionArn: unknown): unknown =>
  join([
    'arn:',
    { Ref: 'AWS::Partition' },
    ':apigateway:',
    { Ref: 'AWS::Region' },
    ':lambda:path/2015-03-31/functions/',
    functionArn,
    '/invocations',
  ])

const withSet = (members: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null))

function lambdaScheme(authorizer: JsonObject, kind: Kind): JsonObject {
  const identity = isObject(authorizer['Identity']) ? authorizer['Identity'] : {}
  const role = authorizer['FunctionInvokeRole']
  const common = {
    authorizerUri: invocationUri(authorizer['FunctionArn']),
    authorizerResultTtlInSeconds: identity['ReauthorizeEvery'],
    authorizerCredentials: role === 'NONE' ? undefined : role,
  }
  const isToken = kind === 'REST' && (authorizer['FunctionPayloadType'] ?? 'TOKEN') === 'TOKEN'
  const sources = identitySources(identity, kind)
  if (isToken)
    return {
      type: 'apiKey',
      in: 'header',
      name: identity['Header'] ?? 'Authorization',
      [EXTENSION]: withSet({
        type: 'token',
        ...common,
        identityValidationExpression: identity['ValidationExpression'],
      }),
    }
  return {
    type: 'apiKey',
    in: 'header',
    name: 'Unused',
    [EXTENSION]: withSet({
      type: 'request',
      ...common,
      identitySource: sources.length === 0 ? undefined : kind === 'REST' ? sources.join(', ') : sources,
      ...(kind === 'HTTP' && {
        authorizerPayloadFormatVersion: authorizer['AuthorizerPayloadFormatVersion'],
        enableSimpleResponses: authorizer['EnableSimpleResponses'],
      }),
    }),
  }
}

export const IAM_SCHEME = {
  type: 'apiKey',
  name: 'Authorization',
  in: 'header',
  'x-amazon-apigateway-authtype': 'awsSigv4',
}

function schemeOf(authorizer: JsonObject, kind: Kind): JsonObject {
  if (authorizer['UserPoolArn'] !== undefined)
    return {
      type: 'apiKey',
      'x-amazon-apigateway-authtype': 'cognito_user_pools',
      [EXTENSION]: { type: 'cognito_user_pools' },
    }
  if (kind === 'HTTP' && isObject(authorizer['JwtConfiguration']))
    return { type: 'oauth2', [EXTENSION]: { type: 'jwt', identitySource: authorizer['IdentitySource'] } }
  return lambdaScheme(authorizer, kind)
}

export function authorizersIn(
  auth: JsonObject,
): readonly (readonly [name: string, authorizer: JsonObject])[] {
  const authorizers = isObject(auth['Authorizers']) ? auth['Authorizers'] : {}
  return Object.entries(authorizers).flatMap(([name, each]) =>
    isObject(each) ? [[name, each] as const] : [],
  )
}

export const schemesOf = (auth: JsonObject, kind: Kind): JsonObject =>
  Object.fromEntries(authorizersIn(auth).map(([name, authorizer]) => [name, schemeOf(authorizer, kind)]))

/** Whether SAM adds the permission: for a REST API unless it is told not to, for an HTTP API only if it is told to. */
const hasPermission = (authorizer: JsonObject, kind: Kind): boolean =>
  authorizer['FunctionArn'] !== undefined &&
  (kind === 'REST'
    ? authorizer['DisableFunctionDefaultPermissions'] !== true
    : authorizer['EnableFunctionDefaultPermissions'] === true)

export const permissionFor = (apiId: string, functionArn: unknown): JsonObject => ({
  Type: 'AWS::Lambda::Permission',
  Properties: {
    Action: 'lambda:InvokeFunction',
    FunctionName: functionArn,
    Principal: 'apigateway.amazonaws.com',
    SourceArn: join([
      'arn:',
      { Ref: 'AWS::Partition' },
      ':execute-api:',
      { Ref: 'AWS::Region' },
      ':',
      { Ref: 'AWS::AccountId' },
      ':',
      { Ref: apiId },
      '/authorizers/*',
    ]),
  },
})

export const permissionsOf = (
  apiId: string,
  auth: JsonObject,
  kind: Kind,
): readonly (readonly [string, JsonObject])[] =>
  authorizersIn(auth)
    .filter(([, authorizer]) => hasPermission(authorizer, kind))
    .map(([name, authorizer]) => [
      `${apiId}${name}AuthorizerPermission`,
      permissionFor(apiId, authorizer['FunctionArn']),
    ])
