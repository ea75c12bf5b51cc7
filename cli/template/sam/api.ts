// AWS::Serverless::Api and AWS::Serverless::HttpApi as the API with an OpenAPI body that SAM deploys
// (aws-sam-translator, model/api and swagger). Parts that decide nothing about access are left out.

import { isObject, isScalar, listOf, type JsonObject } from '../../../local/api-gateway/json.ts'
import { permissionsOf, type Kind } from './authorizers.ts'
import { bodyOf, objectIn, type ApiEvent } from './body.ts'

type Entries = (readonly [logicalId: string, resource: JsonObject])[]

/** The domain of an API, and what maps it: that is all that the check asks about it. */
function domainOf(apiId: string, properties: JsonObject, kind: Kind): Entries {
  const { Domain } = properties
  if (!isObject(Domain)) return []
  const [id, mapping] = [`${apiId}Domain`, `${apiId}DomainMapping`]
  const version = kind === 'REST' ? 'AWS::ApiGateway::' : 'AWS::ApiGatewayV2::'
  const { DomainName, MutualTlsAuthentication } = Domain
  const api = kind === 'REST' ? { RestApiId: { Ref: apiId } } : { ApiId: { Ref: apiId } }
  return [
    [
      id,
      {
        Type: `${version}DomainName`,
        Properties: { DomainName, ...(MutualTlsAuthentication !== undefined && { MutualTlsAuthentication }) },
      },
    ],
    [
      mapping,
      {
        Type: `${version}${kind === 'REST' ? 'BasePathMapping' : 'ApiMapping'}`,
        Properties: { DomainName, ...api },
      },
    ],
  ]
}

/** The resources that SAM deploys for an API. */
export function translateApi(
  apiId: string,
  properties: JsonObject,
  events: readonly ApiEvent[],
  kind: Kind,
): { readonly resources: Entries; readonly stageId: string } {
  const auth = objectIn(properties, 'Auth')
  const {
    DefinitionUri,
    DisableExecuteApiEndpoint,
    StageName,
    StageVariables,
    Variables,
    EndpointConfiguration,
  } = properties
  const body = bodyOf(properties, events, kind, auth)
  const common = {
    ...(body === undefined ? {} : { Body: body }),
    ...(body === undefined && DefinitionUri !== undefined && { BodyS3Location: DefinitionUri }),
    ...(DisableExecuteApiEndpoint !== undefined && { DisableExecuteApiEndpoint }),
    ...(auth['ResourcePolicy'] !== undefined && { Policy: auth['ResourcePolicy'] }),
    ...(EndpointConfiguration !== undefined && {
      EndpointConfiguration: isObject(EndpointConfiguration)
        ? { Types: listOf(EndpointConfiguration['Type'] ?? []) }
        : { Types: [EndpointConfiguration] },
    }),
  }
  const name = StageName ?? (kind === 'REST' ? 'Prod' : '$default')
  const stageId =
    kind === 'REST'
      ? `${apiId}${isScalar(name) ? String(name) : ''}Stage`
      : name === '$default'
        ? `${apiId}ApiGatewayDefaultStage`
        : `${apiId}${isScalar(name) ? String(name) : ''}Stage`
  const variables = StageVariables ?? Variables
  const stage: JsonObject =
    kind === 'REST'
      ? {
          Type: 'AWS::ApiGateway::Stage',
          Properties: {
            RestApiId: { Ref: apiId },
            StageName: name,
            ...(variables !== undefined && { Variables: variables }),
          },
        }
      : {
          Type: 'AWS::ApiGatewayV2::Stage',
          Properties: {
            ApiId: { Ref: apiId },
            StageName: name,
            ...(variables !== undefined && { StageVariables: variables }),
          },
        }
  const type = kind === 'REST' ? 'AWS::ApiGateway::RestApi' : 'AWS::ApiGatewayV2::Api'
  return {
    stageId,
    resources: [
      [apiId, { Type: type, Properties: common }],
      [stageId, stage],
      ...permissionsOf(apiId, auth, kind),
      ...domainOf(apiId, properties, kind),
    ],
  }
}
