// The WebSocket side of the orders API, behind API Gateway: it answers every message with whom it was told the caller
// is, and ends a conversation whose token has ended, because nobody asks the authorizer again after the handshake.
// Not part of the product.

interface SocketEvent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly requestContext: {
    readonly routeKey: string
    readonly authorizer?: Readonly<Record<string, string>>
  }
}

/** The application's own subprotocol. Never an element of the client's choosing: one of them is the token. */
const SUBPROTOCOL = 'orders.v1'

function offersOurs({ headers = {} }: SocketEvent): boolean {
  const offered =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol')?.[1] ?? ''
  return offered.split(',').some((element) => element.trim() === SUBPROTOCOL)
}

export async function handler(event: SocketEvent) {
  const { routeKey, authorizer = {} } = event.requestContext
  if (routeKey === '$connect') {
    return { statusCode: 200, headers: offersOurs(event) ? { 'Sec-WebSocket-Protocol': SUBPROTOCOL } : {} }
  }
  if (routeKey === '$disconnect') return { statusCode: 200 }
  if (Number(authorizer['expires_at']) * 1000 <= Date.now())
    return { statusCode: 401, body: JSON.stringify({ title: 'the access token has ended' }) }
  const { subject, principal, scope } = authorizer
  return {
    statusCode: 200,
    body: JSON.stringify({ said: event.body, caller: { subject, principal, scope } }),
  }
}
