// Three APIs with one function behind them. What each authorizer has to be is in lanekeeper.config.ts alone: the
// constructs read it from dist/lambda.json.

import { App, CfnOutput, Stack } from 'aws-cdk-lib'
import {
  AccessLogFormat,
  LambdaIntegration,
  LogGroupLogDestination,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway'
import * as v2 from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration, WebSocketLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import {
  ACCESS_LOG_FORMAT,
  LanekeeperHttpAuthorizer,
  LanekeeperRestAuthorizer,
  LanekeeperWebSocketAuthorizer,
} from 'lanekeeper/cdk'

const artefact = 'dist/lambda'
const stack = new Stack(new App(), 'Orders')

/** The API itself. Replace it with yours. */
const orders = new LambdaFunction(stack, 'OrdersFunction', {
  runtime: Runtime.NODEJS_24_X,
  code: Code.fromAsset('orders'),
  handler: 'index.handler',
})

/** Where a kind of API writes a line for each request. */
const createLog = (id: string) => new LogGroup(stack, id, { retention: RetentionDays.ONE_MONTH })

function createHttpApi(): v2.HttpApi {
  const api = new v2.HttpApi(stack, 'HttpApi', { createDefaultStage: false })
  const authorizer = new LanekeeperHttpAuthorizer(stack, 'HttpAuthorizer', { artefact, authorizer: 'orders' })
  const integration = new HttpLambdaIntegration('Orders', orders)
  const { GET, POST } = v2.HttpMethod
  api.addRoutes({ path: '/health', methods: [GET], integration })
  api.addRoutes({ path: '/orders', methods: [GET, POST], integration, authorizer })
  new v2.HttpStage(stack, 'HttpStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    accessLogSettings: {
      destination: new v2.LogGroupLogDestination(createLog('HttpLog')),
      format: AccessLogFormat.custom(ACCESS_LOG_FORMAT.http),
    },
  })
  return api
}

function createRestApi(): RestApi {
  const api = new RestApi(stack, 'RestApi', {
    // Logs of REST and WebSocket APIs need a role that is set once for the account (docs/aws.md).
    cloudWatchRole: false,
    deployOptions: {
      stageName: 'production',
      accessLogDestination: new LogGroupLogDestination(createLog('RestLog')),
      accessLogFormat: AccessLogFormat.custom(ACCESS_LOG_FORMAT.rest),
    },
  })
  const authorizer = new LanekeeperRestAuthorizer(stack, 'RestAuthorizer', {
    artefact,
    authorizer: 'orders',
    restApi: api,
  })
  const integration = new LambdaIntegration(orders)
  api.root.addResource('health').addMethod('GET', integration)
  const path = api.root.addResource('orders')
  for (const method of ['GET', 'POST']) path.addMethod(method, integration, { authorizer })
  return api
}

function createWebSocketApi(): v2.WebSocketStage {
  const integration = () => new WebSocketLambdaIntegration('Orders', orders)
  const authorizer = new LanekeeperWebSocketAuthorizer(stack, 'ConnectAuthorizer', {
    artefact,
    authorizer: 'connect',
  })
  const webSocketApi = new v2.WebSocketApi(stack, 'WebSocketApi', {
    connectRouteOptions: { integration: integration(), authorizer },
    disconnectRouteOptions: { integration: integration() },
    defaultRouteOptions: { integration: integration(), returnResponse: true },
  })
  return new v2.WebSocketStage(stack, 'WebSocketStage', {
    webSocketApi,
    stageName: 'production',
    autoDeploy: true,
    accessLogSettings: {
      destination: new v2.LogGroupLogDestination(createLog('WebSocketLog')),
      format: AccessLogFormat.custom(ACCESS_LOG_FORMAT.webSocket),
    },
  })
}

new CfnOutput(stack, 'HttpUrl', { value: createHttpApi().apiEndpoint })
new CfnOutput(stack, 'RestUrl', { value: createRestApi().url })
new CfnOutput(stack, 'WebSocketUrl', { value: createWebSocketApi().url })
