// The gateway responses of a REST API: the challenge of a refusal, which no other answer of API Gateway can have, and
// 503 where Lanekeeper cannot decide. functions/aws/cdk sets the same.

export interface GatewayResponse {
  readonly type: string
  readonly status: number
  /** Values in quotes are literal; others are taken from the answer of the authorizer. */
  readonly headers: Readonly<Record<string, string>>
}

const NO_STORE = { 'Cache-Control': "'no-store'" }

const UNAVAILABLE = { status: 503, headers: { 'Retry-After': "'5'", ...NO_STORE } }

export const GATEWAY_RESPONSES: readonly GatewayResponse[] = [
  {
    type: 'UNAUTHORIZED',
    status: 401,
    headers: { 'WWW-Authenticate': `'Bearer realm="api"'`, ...NO_STORE },
  },
  {
    type: 'ACCESS_DENIED',
    status: 403,
    headers: { 'WWW-Authenticate': 'context.authorizer.challenge', ...NO_STORE },
  },
  { type: 'AUTHORIZER_FAILURE', ...UNAVAILABLE },
  { type: 'AUTHORIZER_CONFIGURATION_ERROR', ...UNAVAILABLE },
]
