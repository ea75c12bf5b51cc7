// The place of a finding in a template, and the name that the tool has for the property there.

import type { DeploymentFinding } from '../deployment-finding.ts'
import type { TemplateTool } from './open.ts'

const NAMES: Readonly<Record<TemplateTool, string | null>> = {
  cdk: 'CDK',
  sam: 'SAM',
  osls: 'osls',
  cloudformation: null,
}

type Words = Partial<Record<TemplateTool, string>>

/** What a property of CloudFormation is called in the tools. Absent: as in CloudFormation. */
const WORDS: Readonly<Record<string, Words>> = {
  AuthorizerCredentials: { cdk: 'assumeRole', sam: 'FunctionInvokeRole' },
  AuthorizerCredentialsArn: { sam: 'FunctionInvokeRole' },
  AuthorizerId: { cdk: 'authorizer', sam: 'Auth.Authorizer, DefaultAuthorizer', osls: 'authorizer' },
  AuthorizerPayloadFormatVersion: { cdk: 'responseTypes', osls: 'payloadVersion' },
  AuthorizerResultTtlInSeconds: {
    cdk: 'resultsCacheTtl',
    sam: 'Identity.ReauthorizeEvery',
    osls: 'resultTtlInSeconds',
  },
  AuthorizerUri: {
    cdk: 'handler.addPermission',
    sam: 'EnableFunctionDefaultPermissions, DisableFunctionDefaultPermissions',
  },
  'CorsConfiguration.AllowHeaders': {
    cdk: 'corsPreflight.allowHeaders',
    osls: 'httpApi.cors.allowedHeaders',
  },
  'CorsConfiguration.AllowOrigins': {
    cdk: 'corsPreflight.allowOrigins',
    osls: 'httpApi.cors.allowedOrigins',
  },
  DisableExecuteApiEndpoint: { cdk: 'disableExecuteApiEndpoint', osls: 'disableDefaultEndpoint' },
  EnableSimpleResponses: { cdk: 'responseTypes', osls: 'enableSimpleResponses' },
  'Environment.Variables.LANEKEEPER_AUTHORIZER': { cdk: 'environment', osls: 'environment' },
  'Environment.Variables.LANEKEEPER_STAGE': { cdk: 'environment', osls: 'environment' },
  IdentitySource: {
    cdk: 'identitySources, identitySource',
    sam: 'Identity.Headers, Identity.Context',
    osls: 'identitySource',
  },
  IdentityValidationExpression: {
    cdk: 'validationRegex',
    sam: 'Identity.ValidationExpression',
    osls: 'identityValidationExpression',
  },
  'Integration.IntegrationResponses': {
    cdk: 'defaultCorsPreflightOptions.allowHeaders',
    sam: 'Cors.AllowHeaders',
    osls: 'cors.headers',
  },
  Policies: { cdk: 'addToRolePolicy, grantRead', osls: 'role' },
  ResponseParameters: { cdk: 'addGatewayResponse', sam: 'GatewayResponses', osls: 'resources' },
  Runtime: { cdk: 'runtime', osls: 'runtime' },
  SourceArn: { cdk: 'addPermission' },
  StatusCode: { cdk: 'addGatewayResponse', sam: 'GatewayResponses', osls: 'resources' },
  Timeout: { cdk: 'timeout', osls: 'timeout' },
  Type: { cdk: 'RequestAuthorizer, TokenAuthorizer', sam: 'FunctionPayloadType', osls: 'type' },
}

/** `Authorizer.AuthorizerResultTtlInSeconds; CDK: resultsCacheTtl`. */
function describePlace(
  { logicalId, property }: NonNullable<DeploymentFinding['at']>,
  tool: TemplateTool,
): string {
  if (property === undefined) return logicalId
  const word = Object.hasOwn(WORDS, property) ? WORDS[property]![tool] : undefined
  return `${logicalId}.${property}${word === undefined ? '' : `; ${NAMES[tool]}: ${word}`}`
}

/** The finding with its place at the end of the message. */
export const withPlace = (finding: DeploymentFinding, tool: TemplateTool): DeploymentFinding =>
  finding.at === undefined
    ? finding
    : { ...finding, message: `${finding.message} (${describePlace(finding.at, tool)})` }
