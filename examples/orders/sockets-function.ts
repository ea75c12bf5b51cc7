// The WebSocket side of the orders API, behind API Gateway. It answers every message with the identity of the caller.
// Once the token has expired it answers 401, because the authorizer is not called again after the handshake. Not part
// of the product.

interface SocketEvent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly requestContext: {
    readonly routeKey: string
    readonly authorizer?: Readonly<Record<string, string>>
  }
}

/**
 * The subprotocol of the application. The answer never repeats another element of the client's list: one is the token.
 */
const SUBPROTOCOL = 'orders.v1'

function offersSubprotocol({ headers = {} }: SocketEvent): boolean {
  const protocols =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1] ?? ''
  return protocols.split(',').some((element) => element.trim() === SUBPROTOCOL)
}

export async function handler(event: SocketEvent) {
  const { routeKey, authorizer = {} } = event.requestContext
  if (routeKey === '$connect') {
    return {
      statusCode: 200,
      headers: offersSubprotocol(event) ? { 'Sec-WebSocket-Protocol': SUBPROTOCOL } : {},
    }
  }
  if (routeKey === '$disconnect') return { statusCode: 200 }
  if (Number(authorizer['expires_at']) * 1000 <= Date.now())
    return { statusCode: 401, body: JSON.stringify({ title: 'the access token has ended' }) }
  const { subject, principal, scope } = authorizer
  return {
    statusCode: 200,
    body: JSON.stringify({ message: event.body, caller: { subject, principal, scope } }),
  }
}
