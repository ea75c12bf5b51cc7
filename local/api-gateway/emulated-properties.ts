// The properties of API Gateway's CloudFormation resources that this gateway applies, and those that cannot change a
// decision about access. A type or property in neither list stops the start, because ignoring it could make the local
// answer differ from the deployed one (CloudFormation "ApiGateway" and "ApiGatewayV2" references).

interface EmulatedProperties {
  applied: string[]
  withoutEffect: string[]
}

export const EMULATED: Record<string, EmulatedProperties> = {
  'AWS::ApiGateway::RestApi': {
    applied: ['BinaryMediaTypes', 'Policy', 'EndpointConfiguration', 'DisableExecuteApiEndpoint'],
    withoutEffect: [
      'Name',
      'Description',
      'Tags',
      'ApiKeySourceType',
      'MinimumCompressionSize',
      'SecurityPolicy',
    ],
  },
  'AWS::ApiGateway::Resource': { applied: ['ParentId', 'PathPart', 'RestApiId'], withoutEffect: [] },
  'AWS::ApiGateway::Method': {
    applied: [
      'HttpMethod',
      'ResourceId',
      'RestApiId',
      'ApiKeyRequired',
      'AuthorizationType',
      'AuthorizerId',
      'Integration',
    ],
    // Request parameters and models have an effect only with a RequestValidatorId, which is not emulated.
    withoutEffect: ['MethodResponses', 'OperationName', 'RequestParameters', 'RequestModels'],
  },
  'AWS::ApiGateway::Authorizer': {
    applied: [
      'AuthorizerResultTtlInSeconds',
      'AuthorizerUri',
      'IdentitySource',
      'IdentityValidationExpression',
      'Type',
    ],
    withoutEffect: ['Name', 'RestApiId', 'AuthType', 'AuthorizerCredentials'],
  },
  'AWS::ApiGateway::GatewayResponse': {
    applied: ['ResponseType', 'RestApiId', 'StatusCode', 'ResponseParameters', 'ResponseTemplates'],
    withoutEffect: [],
  },
  'AWS::ApiGateway::Deployment': {
    applied: ['RestApiId', 'StageName', 'StageDescription'],
    withoutEffect: ['Description'],
  },
  'AWS::ApiGateway::Stage': {
    applied: ['RestApiId', 'StageName', 'Variables', 'CacheClusterEnabled'],
    withoutEffect: [
      'AccessLogSetting',
      'DeploymentId',
      'Description',
      'DocumentationVersion',
      'MethodSettings',
      'Tags',
      'TracingEnabled',
    ],
  },
  'AWS::ApiGatewayV2::Api': {
    applied: ['ProtocolType', 'DisableExecuteApiEndpoint', 'RouteSelectionExpression', 'CorsConfiguration'],
    withoutEffect: ['Name', 'Description', 'Tags', 'Version', 'IpAddressType'],
  },
  'AWS::ApiGatewayV2::Stage': {
    applied: ['ApiId', 'StageName', 'StageVariables'],
    // Throttling limits the rate of requests and decides nothing about access, so it is not emulated.
    withoutEffect: [
      'AccessLogSettings',
      'AutoDeploy',
      'DefaultRouteSettings',
      'DeploymentId',
      'Description',
      'RouteSettings',
      'Tags',
    ],
  },
  'AWS::ApiGatewayV2::Deployment': { applied: [], withoutEffect: ['ApiId', 'Description', 'StageName'] },
  'AWS::ApiGatewayV2::Authorizer': {
    applied: [
      'ApiId',
      'AuthorizerPayloadFormatVersion',
      'AuthorizerResultTtlInSeconds',
      'AuthorizerType',
      'AuthorizerUri',
      'EnableSimpleResponses',
      'IdentitySource',
    ],
    withoutEffect: ['Name', 'AuthorizerCredentialsArn'],
  },
  'AWS::ApiGatewayV2::Integration': {
    applied: ['ApiId', 'IntegrationType', 'IntegrationUri', 'PayloadFormatVersion', 'TimeoutInMillis'],
    withoutEffect: ['ConnectionType', 'CredentialsArn', 'Description', 'IntegrationMethod'],
  },
  'AWS::ApiGatewayV2::Route': {
    applied: [
      'ApiId',
      'RouteKey',
      'Target',
      'AuthorizationType',
      'AuthorizerId',
      'RouteResponseSelectionExpression',
    ],
    withoutEffect: ['OperationName'],
  },
  'AWS::ApiGatewayV2::RouteResponse': {
    applied: ['ApiId', 'RouteId', 'RouteResponseKey'],
    withoutEffect: [],
  },
  'AWS::ApiGateway::Account': { applied: [], withoutEffect: ['CloudWatchRoleArn'] },
}

/** Properties of a REST method's Integration. With the type AWS_PROXY, AWS ignores most others, too. */
export const EMULATED_INTEGRATION: EmulatedProperties = {
  applied: ['Type', 'Uri', 'TimeoutInMillis', 'IntegrationHttpMethod'],
  withoutEffect: [
    'ConnectionType',
    'Credentials',
    'IntegrationResponses',
    'PassthroughBehavior',
    'CacheNamespace',
  ],
}

/** The properties that define the routes and the authorizer of each. */
const COMPARED: Record<string, string[]> = {
  'AWS::ApiGateway::RestApi': ['Body', 'BodyS3Location', 'CloneFrom'],
  'AWS::ApiGateway::Resource': ['ParentId', 'PathPart', 'RestApiId'],
  'AWS::ApiGateway::Method': ['HttpMethod', 'ResourceId', 'RestApiId', 'AuthorizationType', 'AuthorizerId'],
  'AWS::ApiGateway::Authorizer': EMULATED['AWS::ApiGateway::Authorizer']!.applied,
  'AWS::ApiGatewayV2::Api': [
    'ProtocolType',
    'CorsConfiguration',
    'Body',
    'BodyS3Location',
    'RouteKey',
    'Target',
  ],
  'AWS::ApiGatewayV2::ApiGatewayManagedOverrides': [],
  'AWS::ApiGatewayV2::Authorizer': EMULATED['AWS::ApiGatewayV2::Authorizer']!.applied,
  'AWS::ApiGatewayV2::Integration': ['ApiId'],
  'AWS::ApiGatewayV2::Route': ['ApiId', 'RouteKey', 'Target', 'AuthorizationType', 'AuthorizerId'],
}

/** Whether the comparison with the configuration needs the property or, without `property`, the resource. */
export const isCompared = (type: string, property?: string): boolean =>
  Object.hasOwn(COMPARED, type) && (property === undefined || COMPARED[type]!.includes(property))

export function isApiGatewayType(type: string): boolean {
  return type.startsWith('AWS::ApiGateway::') || type.startsWith('AWS::ApiGatewayV2::')
}

/** Whether a property has a value. An empty value means the same as no property (osls writes `Policy: ""`). */
export function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
