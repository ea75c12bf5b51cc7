// The authorizer of a REST API in CDK, and the gateway responses of that API.

import { CfnAuthorizer, CfnGatewayResponse, CfnRestApi, AuthorizationType } from 'aws-cdk-lib/aws-apigateway'
import type { IAuthorizer, IRestApi, RestApiBase } from 'aws-cdk-lib/aws-apigateway'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { RestSettings } from '../deployment/description.ts'
import {
  allowInvocation,
  authorizerUri,
  createAuthorizerFunction,
  nameOf,
  type LanekeeperAuthorizerProps,
} from './authorizer-function.ts'
import { gatewayResponsesFor } from './gateway-responses.ts'
import { OPEN_ENDPOINT } from './http-authorizer.ts'

/** With `exactOptionalPropertyTypes` a `RestApi` is no `IRestApi`. */
type AnyRestApi = IRestApi | RestApiBase

/** Options of the authorizer of a REST API. */
export interface LanekeeperRestAuthorizerProps extends LanekeeperAuthorizerProps {
  /** The API whose methods have this authorizer. Its gateway responses are set, too. */
  readonly restApi: AnyRestApi
  /**
   * `Access-Control-Allow-Origin` of refusals: an origin, or `*`. Default: none, so scripts of other origins cannot read
   * them.
   */
  readonly allowOrigin?: string
}

/** The id of the gateway responses below the API. Authorizers of one API share them. */
const RESPONSES = 'LanekeeperResponses'

/**
 * A Lambda with an artefact of Lanekeeper, as the authorizer of methods of one REST API. Type, identity sources and
 * lifetime are those of the configuration.
 *
 * @throws {DeploymentError} with every problem, if artefact, stage or variables do not fit, or the configuration cannot
 *   serve a REST API.
 */
export class LanekeeperRestAuthorizer extends Construct implements IAuthorizer {
  /** The Lambda. */
  readonly function: LambdaFunction
  readonly authorizerId: string
  readonly authorizationType: AuthorizationType = AuthorizationType.CUSTOM

  constructor(scope: Construct, id: string, props: LanekeeperRestAuthorizerProps) {
    super(scope, id)
    const { restApi, allowOrigin } = props
    const { function: lambda, api, description } = createAuthorizerFunction(this, 'rest', props)
    const authorizer = new CfnAuthorizer(this, 'Resource', {
      restApiId: restApi.restApiId,
      name: nameOf(this),
      type: api.type,
      authorizerUri: authorizerUri(lambda),
      identitySource: api.identitySources.join(','),
      ...(api.identityValidationExpression === null
        ? {}
        : { identityValidationExpression: api.identityValidationExpression }),
      authorizerResultTtlInSeconds: api.resultTtlSeconds,
    })
    this.function = lambda
    this.authorizerId = authorizer.ref
    allowInvocation(this, lambda, restApi.restApiId, authorizer.ref)
    addResponses(restApi, description.challenge, allowOrigin)
    deployWith(restApi, authorizer, { authorizer: api })
    this.node.addValidation({ validate: () => findOpenEndpoint(restApi, api) })
  }
}

/** A stage of a REST API has what its deployment had, so a change needs another deployment. */
function deployWith({ latestDeployment }: AnyRestApi, resource: Construct, content: object): void {
  latestDeployment?.node.addDependency(resource)
  latestDeployment?.addToLogicalId(content)
}

function addResponses(restApi: AnyRestApi, challenge: string, origin: string | undefined): void {
  if (restApi.node.tryFindChild(RESPONSES) !== undefined) return
  const scope = new Construct(restApi, RESPONSES)
  const responses = gatewayResponsesFor(challenge, origin)
  for (const { type, statusCode, headers, json } of responses)
    new CfnGatewayResponse(scope, type, {
      restApiId: restApi.restApiId,
      responseType: type,
      statusCode,
      responseParameters: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [`gatewayresponse.header.${name}`, value]),
      ),
      ...(json === undefined ? {} : { responseTemplates: { 'application/json': json } }),
    })
  deployWith(restApi, scope, { responses })
}

/** An API of another stack is not looked at. */
function findOpenEndpoint(restApi: AnyRestApi, { disableExecuteApiEndpoint }: RestSettings): string[] {
  const { defaultChild } = restApi.node
  if (!disableExecuteApiEndpoint || !(defaultChild instanceof CfnRestApi)) return []
  return defaultChild.disableExecuteApiEndpoint === true ? [] : [OPEN_ENDPOINT]
}
