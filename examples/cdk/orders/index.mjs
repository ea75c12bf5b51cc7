// The API behind API Gateway. Replace it with yours. It returns the identity that it gets, so that a person can see it.

const SUBPROTOCOL = 'orders.v1'

/** The subprotocol of the application alone: another element of the client's list is the token. */
function acceptHandshake({ headers = {} }) {
  const [, offered = ''] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol') ?? []
  const isOffered = offered.split(',').some((element) => element.trim() === SUBPROTOCOL)
  return { statusCode: 200, headers: isOffered ? { 'Sec-WebSocket-Protocol': SUBPROTOCOL } : {} }
}

export const handler = async (event) => {
  const { routeKey, authorizer } = event.requestContext
  if (routeKey === '$connect') return acceptHandshake(event)
  return { statusCode: 200, body: JSON.stringify({ caller: authorizer?.lambda ?? authorizer ?? null }) }
}
