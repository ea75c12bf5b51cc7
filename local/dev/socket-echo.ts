// The integration of a WebSocket API that is derived from a configuration, which knows the handshake alone: accepts
// every handshake that the authorizer allows, and answers each message with the identity that arrives with it.

import { isObject, type JsonObject } from './json-object.ts'

/** The subprotocol of the application among those that a client offers: the first that is not about the token. */
function protocolOf(headers: unknown): string | undefined {
  const [, offered = ''] =
    Object.entries(isObject(headers) ? headers : {}).find(
      ([name]) => name.toLowerCase() === 'sec-websocket-protocol',
    ) ?? []
  const names = String(offered)
    .split(',')
    .map((name) => name.trim())
  const bearer = names.findIndex((name) => name.toLowerCase() === 'bearer')
  return names.find(
    (name, index) => name !== '' && index !== bearer && (bearer === -1 || index !== bearer + 1),
  )
}

export function answerSocket(event: JsonObject): JsonObject {
  const context = isObject(event['requestContext']) ? event['requestContext'] : {}
  if (context['eventType'] === 'CONNECT') {
    const protocol = protocolOf(event['headers'])
    return {
      statusCode: 200,
      ...(protocol !== undefined && { headers: { 'Sec-WebSocket-Protocol': protocol } }),
    }
  }
  const { authorizer = null } = context
  const body = JSON.stringify({ origin: 'lanekeeper dev', message: event['body'] ?? null, authorizer })
  return { statusCode: 200, body }
}
