// The authorizer of an HTTP API in CDK.

import { CfnApi, CfnAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2'
import type {
  HttpRouteAuthorizerBindOptions,
  HttpRouteAuthorizerConfig,
  IHttpApi,
  IHttpRouteAuthorizer,
} from 'aws-cdk-lib/aws-apigatewayv2'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { HttpSettings } from '../deployment/description.ts'
import {
  allowInvocation,
  authorizerUri,
  createAuthorizerFunction,
  nameOf,
  type LanekeeperAuthorizerProps,
} from './authorizer-function.ts'
import { DeploymentError } from './problems.ts'

/** Options of the authorizer of an HTTP API. */
export type LanekeeperHttpAuthorizerProps = LanekeeperAuthorizerProps

/**
 * A Lambda with an artefact of Lanekeeper, as the authorizer of routes of one HTTP API. Identity sources, lifetime and
 * answers are those of the configuration.
 *
 * @example
 *   const authorizer = new LanekeeperHttpAuthorizer(stack, 'Lanekeeper', { artefact: 'dist/lambda' })
 *   api.addRoutes({ path: '/orders', methods: [HttpMethod.GET], integration, authorizer })
 *
 * @throws {DeploymentError} with every problem, if artefact, stage or variables do not fit, or the configuration cannot
 *   serve an HTTP API.
 */
export class LanekeeperHttpAuthorizer extends Construct implements IHttpRouteAuthorizer {
  /** The Lambda. */
  readonly function: LambdaFunction
  readonly #settings: HttpSettings
  #bound: { readonly api: IHttpApi; readonly authorizerId: string } | null = null

  constructor(scope: Construct, id: string, props: LanekeeperHttpAuthorizerProps) {
    super(scope, id)
    const created = createAuthorizerFunction(this, 'http', props)
    this.function = created.function
    this.#settings = created.api
  }

  /** Called by CDK for each route. */
  bind({ route }: HttpRouteAuthorizerBindOptions): HttpRouteAuthorizerConfig {
    const { httpApi } = route
    const authorizerId = this.#bound?.authorizerId ?? this.#attach(httpApi)
    if (this.#bound !== null && this.#bound.api !== httpApi)
      throw new DeploymentError(this.node.path, [
        'serves routes of two APIs, and an authorizer is one of a single API; create another construct for the other',
      ])
    this.#bound = { api: httpApi, authorizerId }
    return { authorizerId, authorizationType: 'CUSTOM' }
  }

  #attach(api: IHttpApi): string {
    const { identitySources, resultTtlSeconds, payloadFormatVersion, enableSimpleResponses } = this.#settings
    const authorizer = new CfnAuthorizer(this, 'Resource', {
      apiId: api.apiId,
      name: nameOf(this),
      authorizerType: 'REQUEST',
      authorizerUri: authorizerUri(this.function),
      authorizerPayloadFormatVersion: payloadFormatVersion,
      enableSimpleResponses,
      identitySource: [...identitySources],
      authorizerResultTtlInSeconds: resultTtlSeconds,
    })
    allowInvocation(this, this.function, api.apiId, authorizer.ref)
    this.node.addValidation({ validate: () => this.#findOpenEndpoint(api) })
    return authorizer.ref
  }

  /** An API of another stack is not looked at. */
  #findOpenEndpoint(api: IHttpApi): string[] {
    const { defaultChild } = api.node
    if (!this.#settings.disableExecuteApiEndpoint || !(defaultChild instanceof CfnApi)) return []
    return defaultChild.disableExecuteApiEndpoint === true ? [] : [OPEN_ENDPOINT]
  }
}

export const OPEN_ENDPOINT =
  'the API has its default execute-api endpoint open, which asks for no client certificate, and the configuration accepts tokens that are bound to one; set disableExecuteApiEndpoint: true on the API, and have clients call its custom domain'
