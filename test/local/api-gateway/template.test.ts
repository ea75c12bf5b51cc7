import { describe, expect, test } from 'vitest'
import { TemplateError } from '../../../local/api-gateway/index.ts'
import { readEnvironment, readTemplate } from '../../../local/api-gateway/template.ts'
import oslsTemplate from './osls-template.json' with { type: 'json' }
import { httpTemplate, lambdaFunction, restTemplate, type Resources } from './template-builder.ts'

function problemsOf(template: unknown): string[] {
  try {
    readTemplate(template)
    return []
  } catch (error) {
    if (error instanceof TemplateError) return error.problems
    throw error
  }
}

describe('what osls writes', () => {
  const { restApi, httpApi, functions } = readTemplate(oslsTemplate)

  test('is read whole', () => {
    expect(functions.map(({ logicalId }) => logicalId)).toHaveLength(4)
    expect(restApi?.stage).toBe('local')
    expect(restApi?.resources.map(({ path }) => path).sort()).toEqual([
      '/',
      '/health',
      '/invoices',
      '/orders',
      '/orders/{id}',
    ])
    expect(httpApi?.stage).toBe('$default')
    expect(httpApi?.routes.map(({ key }) => key)).toContain('GET /orders/{id}')
  })

  test('authorizers and integrations name their functions', () => {
    const method = (path: string, verb: string) =>
      restApi?.resources.find((resource) => resource.path === path)?.methods.get(verb)
    expect(method('/health', 'GET')).toEqual({
      logicalId: 'ApiGatewayMethodHealthGet',
      functionId: 'OrdersLambdaFunction',
      timeoutMs: 29_000,
    })
    expect(method('/orders', 'POST')?.authorizer).toEqual({
      type: 'REQUEST',
      logicalId: 'AuthorizeRequestApiGatewayAuthorizer',
      resultTtlSeconds: 0,
      functionId: 'AuthorizeRequestLambdaFunction',
      identitySources: [
        { from: 'header', name: 'Authorization' },
        { from: 'context', name: 'httpMethod' },
        { from: 'context', name: 'path' },
      ],
    })
    expect(method('/invoices', 'GET')?.authorizer?.type).toBe('TOKEN')
    expect(httpApi?.routes.find(({ key }) => key === 'GET /orders')?.authorizer).toMatchObject({
      functionId: 'AuthorizeHttpLambdaFunction',
      simpleResponses: true,
      payloadVersion: '2.0',
    })
  })
})

describe('refusals', () => {
  const changed = (template: { Resources: Resources }, id: string, properties: object) => {
    const resource = template.Resources[id]!
    return {
      Resources: {
        ...template.Resources,
        [id]: { ...resource, Properties: { ...resource.Properties, ...properties } },
      },
    }
  }
  const rest = restTemplate()
  const http = httpTemplate()
  const integration = rest.Resources['Method0']!.Properties['Integration'] as object

  test.each<[string, unknown, string]>([
    [
      'a REST lifetime beyond the quota',
      changed(rest, 'Authorizer', { AuthorizerResultTtlInSeconds: 3601 }),
      'Authorizer: .*from 0 to 3600',
    ],
    [
      'a REST lifetime by default, without anything to keep answers under',
      restTemplate({
        authorizer: { Type: 'REQUEST', IdentitySource: '', AuthorizerResultTtlInSeconds: undefined },
      }),
      'Authorizer: .*at least one identity source',
    ],
    [
      'an HTTP lifetime without anything to keep answers under',
      changed(http, 'HttpAuthorizer', { AuthorizerResultTtlInSeconds: 60, IdentitySource: [] }),
      'HttpAuthorizer: .*at least one identity source',
    ],
    [
      'Cognito',
      changed(rest, 'Authorizer', { Type: 'COGNITO_USER_POOLS' }),
      'Authorizer: .*COGNITO_USER_POOLS',
    ],
    ['JWT', changed(http, 'HttpAuthorizer', { AuthorizerType: 'JWT' }), 'HttpAuthorizer: .*JWT'],
    ['IAM on a method', changed(rest, 'Method0', { AuthorizationType: 'AWS_IAM' }), 'Method0: .*AWS_IAM'],
    ['IAM on a route', changed(http, 'Route0', { AuthorizationType: 'AWS_IAM' }), 'Route0: .*AWS_IAM'],
    ['an API key', changed(rest, 'Method0', { ApiKeyRequired: true }), 'Method0: ApiKeyRequired'],
    ['a validator', changed(rest, 'Method0', { RequestValidatorId: 'x' }), 'Method0: .*RequestValidatorId'],
    ['a resource policy', changed(rest, 'Rest', { Policy: { Statement: [] } }), 'Rest: a resource Policy'],
    ['an OpenAPI body', changed(rest, 'Rest', { Body: { openapi: '3.0' } }), 'Rest: the property Body'],
    [
      'a MOCK integration without an answer',
      changed(rest, 'Method0', { Integration: { Type: 'MOCK' } }),
      'Method0: only a MOCK integration whose answer is fixed',
    ],
    [
      'a MOCK integration that answers with what was asked',
      changed(rest, 'Method0', {
        Integration: {
          Type: 'MOCK',
          RequestTemplates: { 'application/json': '{statusCode:200}' },
          IntegrationResponses: [
            {
              StatusCode: '200',
              ResponseParameters: { 'method.response.header.X': 'integration.response.header.X' },
            },
          ],
        },
      }),
      'Method0: only a MOCK integration whose answer is fixed',
    ],
    [
      'an integration of another function',
      changed(rest, 'Method0', { Integration: { ...integration, Uri: 'arn:aws:lambda:x:y:function:Other' } }),
      'Method0: the integration Uri',
    ],
    [
      'HTTP_PROXY',
      changed(http, 'Integration', { IntegrationType: 'HTTP_PROXY' }),
      'Integration: .*HTTP_PROXY',
    ],
    [
      'parameter mapping',
      changed(http, 'Integration', { RequestParameters: { a: 'b' } }),
      'Integration: .*RequestParameters',
    ],
    [
      'a WebSocket API with an authorizer beyond $connect',
      changed(http, 'Http', { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.body.action' }),
      'Route0: only \\$connect can have an authorizer',
    ],
    [
      'a WebSocket API without its default endpoint',
      changed(http, 'Http', {
        ProtocolType: 'WEBSOCKET',
        RouteSelectionExpression: '$request.body.action',
        DisableExecuteApiEndpoint: true,
      }),
      'Http: DisableExecuteApiEndpoint: a WebSocket API has no custom domain here',
    ],
    [
      'a WebSocket API that selects routes by a header',
      changed(http, 'Http', { ProtocolType: 'WEBSOCKET', RouteSelectionExpression: '$request.header.x' }),
      'Http: RouteSelectionExpression .* is not emulated',
    ],
    [
      'CORS on a WebSocket API',
      changed(http, 'Http', {
        ProtocolType: 'WEBSOCKET',
        RouteSelectionExpression: '$request.body.action',
        CorsConfiguration: { AllowOrigins: ['*'] },
      }),
      'Http: .*CorsConfiguration',
    ],
    [
      'simple answers in 1.0',
      changed(http, 'HttpAuthorizer', { AuthorizerPayloadFormatVersion: '1.0' }),
      'EnableSimpleResponses',
    ],
    [
      'an unknown identity source',
      changed(rest, 'Authorizer', { Type: 'REQUEST', IdentitySource: 'method.request.path.id' }),
      'identity source "method.request.path.id"',
    ],
    [
      'a TOKEN without a header source',
      changed(rest, 'Authorizer', { IdentitySource: 'context.path' }),
      'exactly one identity source',
    ],
    [
      'a broken expression',
      changed(rest, 'Authorizer', { IdentityValidationExpression: '(' }),
      'IdentityValidationExpression',
    ],
    [
      'an unresolved function',
      changed(http, 'Route0', { AuthorizationType: { 'Fn::If': [] } }),
      'Route0: .*Fn::If',
    ],
    [
      'a custom domain',
      { Resources: { ...rest.Resources, Domain: { Type: 'AWS::ApiGateway::DomainName' } } },
      'Domain: AWS::ApiGateway::DomainName',
    ],
    [
      'a condition on a resource',
      { Resources: { ...rest.Resources, Rest: { ...rest.Resources['Rest'], Condition: 'IsProduction' } } },
      'Rest: a resource Condition',
    ],
    [
      'a body template with another media type',
      restTemplate({
        more: {
          Denied: {
            Type: 'AWS::ApiGateway::GatewayResponse',
            Properties: {
              RestApiId: { Ref: 'Rest' },
              ResponseType: 'ACCESS_DENIED',
              ResponseTemplates: { 'text/html': 'x' },
            },
          },
        },
      }),
      'Denied: .*text/html',
    ],
    ['no resources at all', {}, 'no "Resources"'],
  ])('%s', (_, template, problem) => {
    expect(problemsOf(template)).toEqual(expect.arrayContaining([expect.stringMatching(new RegExp(problem))]))
  })

  test('all problems are reported together', () => {
    const template = changed(changed(rest, 'Authorizer', { AuthorizerResultTtlInSeconds: -5 }), 'Method0', {
      ApiKeyRequired: true,
    })
    expect(problemsOf(template)).toHaveLength(2)
  })

  test('the unchanged templates have none', () => {
    expect(problemsOf(rest)).toEqual([])
    expect(problemsOf(http)).toEqual([])
  })
})

describe('function environments', () => {
  const template = {
    Resources: {
      F: lambdaFunction({
        Environment: {
          Variables: {
            REGION: { Ref: 'AWS::Region' },
            SECRET: '{{resolve:secretsmanager:x}}',
            TABLE: { 'Fn::ImportValue': 'x' },
            COUNT: 3,
          },
        },
      }),
    },
  }
  const lambda = readTemplate(template).functions[0]!

  test('values only a deployment knows are refused', () => {
    expect(() => readEnvironment(template, lambda, {})).toThrow(/SECRET[^]*TABLE/)
  })

  test('unless they are overridden', () => {
    const environment = readEnvironment(template, lambda, { SECRET: 's', TABLE: 't' })
    expect(environment).toEqual({ REGION: 'us-east-1', COUNT: '3', SECRET: 's', TABLE: 't' })
  })
})
