// The format of access logs, for each kind of API: one line of JSON, without the token, and with what the authorizer has
// said. If `decidedAt` is before `time`, the decision came from the cache. API Gateway puts values into the format as they
// are, and each of these is one that no client can put a quotation mark into.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html

import type { ApiKind } from '../deployment/description.ts'

const COMMON = {
  time: '$context.requestTimeEpoch',
  status: '$context.status',
  code: '$context.authorizer.code',
  decidedAt: '$context.authorizer.decided_at',
  authorizerError: '$context.authorizer.error',
}

/** What the documentation of HTTP APIs has no variables for. */
const OF_AUTHORIZER = {
  authorizerStatus: '$context.authorizer.status',
  authorizerLatency: '$context.authorizer.latency',
}

/** For `AccessLogFormat.custom`, and for the format of a stage. */
export const ACCESS_LOG_FORMAT: Readonly<Record<ApiKind, string>> = {
  rest: JSON.stringify({
    api: 'rest',
    requestId: '$context.extendedRequestId',
    method: '$context.httpMethod',
    resource: '$context.resourcePath',
    refusal: '$context.error.responseType',
    ...COMMON,
    ...OF_AUTHORIZER,
    latency: '$context.responseLatency',
  }),
  http: JSON.stringify({
    api: 'http',
    requestId: '$context.requestId',
    method: '$context.httpMethod',
    resource: '$context.routeKey',
    refusal: '$context.error.responseType',
    ...COMMON,
    latency: '$context.responseLatency',
  }),
  webSocket: JSON.stringify({
    api: 'websocket',
    requestId: '$context.extendedRequestId',
    resource: '$context.routeKey',
    ...COMMON,
    ...OF_AUTHORIZER,
  }),
}
