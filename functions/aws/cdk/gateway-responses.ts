// The gateway responses of a REST API: what a client sees of a refusal, and of an authorizer that fails. Only they can
// carry a challenge, and they make 503 of what API Gateway answers with 500.
// https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html

export interface GatewayResponseSettings {
  readonly type: string
  readonly statusCode: string
  /** By header field: a literal in quotes, or a value of the context. */
  readonly headers: Readonly<Record<string, string>>
  /** The body as JSON. Absent: that of API Gateway. */
  readonly json?: string
}

const quoted = (text: string): string => `'${text}'`

const corsOf = (origin: string | undefined, exposed: string): Readonly<Record<string, string>> =>
  origin === undefined
    ? {}
    : {
        'Access-Control-Allow-Origin': quoted(origin),
        'Access-Control-Expose-Headers': quoted(exposed),
      }

/**
 * `challenge`: that of a 401. `origin`: `Access-Control-Allow-Origin` of every refusal; without one, scripts of other
 * origins cannot read them.
 */
export function gatewayResponsesFor(
  challenge: string,
  origin: string | undefined,
): readonly GatewayResponseSettings[] {
  const noStore = { 'Cache-Control': quoted('no-store') }
  const challenged = corsOf(origin, 'WWW-Authenticate')
  const unavailable = {
    statusCode: '503',
    headers: { 'Retry-After': quoted('5'), ...noStore, ...corsOf(origin, 'Retry-After') },
    json: '{"title":"Service Unavailable","status":503}',
  }
  return [
    {
      type: 'UNAUTHORIZED',
      statusCode: '401',
      headers: { 'WWW-Authenticate': quoted(challenge), ...noStore, ...challenged },
    },
    {
      type: 'ACCESS_DENIED',
      statusCode: '403',
      headers: { 'WWW-Authenticate': 'context.authorizer.challenge', ...noStore, ...challenged },
    },
    {
      type: 'MISSING_AUTHENTICATION_TOKEN',
      statusCode: '403',
      headers: { 'WWW-Authenticate': quoted(challenge), ...challenged },
    },
    { type: 'AUTHORIZER_FAILURE', ...unavailable },
    { type: 'AUTHORIZER_CONFIGURATION_ERROR', ...unavailable },
  ]
}
