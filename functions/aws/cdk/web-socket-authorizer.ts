// The authorizer of the handshake of a WebSocket API in CDK.

import { CfnAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2'
import type {
  IWebSocketApi,
  IWebSocketRouteAuthorizer,
  WebSocketRouteAuthorizerBindOptions,
  WebSocketRouteAuthorizerConfig,
} from 'aws-cdk-lib/aws-apigatewayv2'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { WebSocketSettings } from '../deployment/description.ts'
import {
  allowInvocation,
  authorizerUri,
  createAuthorizerFunction,
  nameOf,
  type LanekeeperAuthorizerProps,
} from './authorizer-function.ts'
import { DeploymentError } from './problems.ts'

/** Options of the authorizer of a WebSocket API. */
export type LanekeeperWebSocketAuthorizerProps = LanekeeperAuthorizerProps

/**
 * A Lambda with an artefact of Lanekeeper, as the authorizer of `$connect` of one WebSocket API. Where the handshake has
 * the token is as the configuration says (`webSocketToken`).
 *
 * @throws {DeploymentError} with every problem, if artefact, stage or variables do not fit, or the configuration cannot
 *   serve a WebSocket API.
 */
export class LanekeeperWebSocketAuthorizer extends Construct implements IWebSocketRouteAuthorizer {
  /** The Lambda. */
  readonly function: LambdaFunction
  readonly #settings: WebSocketSettings
  #bound: { readonly api: IWebSocketApi; readonly authorizerId: string } | null = null

  constructor(scope: Construct, id: string, props: LanekeeperWebSocketAuthorizerProps) {
    super(scope, id)
    const created = createAuthorizerFunction(this, 'webSocket', props)
    this.function = created.function
    this.#settings = created.api
  }

  /** Called by CDK for `$connect`. */
  bind({ route }: WebSocketRouteAuthorizerBindOptions): WebSocketRouteAuthorizerConfig {
    const { webSocketApi } = route
    const authorizerId = this.#bound?.authorizerId ?? this.#attach(webSocketApi)
    if (this.#bound !== null && this.#bound.api !== webSocketApi)
      throw new DeploymentError(this.node.path, [
        'serves $connect of two APIs, and an authorizer is one of a single API; create another construct for the other',
      ])
    this.#bound = { api: webSocketApi, authorizerId }
    return { authorizerId, authorizationType: 'CUSTOM' }
  }

  #attach(api: IWebSocketApi): string {
    const authorizer = new CfnAuthorizer(this, 'Resource', {
      apiId: api.apiId,
      name: nameOf(this),
      authorizerType: 'REQUEST',
      authorizerUri: authorizerUri(this.function),
      identitySource: [...this.#settings.identitySources],
    })
    allowInvocation(this, this.function, api.apiId, authorizer.ref)
    return authorizer.ref
  }
}
