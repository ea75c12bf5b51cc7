// The tokens of a WebSocket handshake that are not in an Authorization field (`aws.webSocketToken`): browsers can set no
// field of their own. RFC 6455 section 4.1.

import type { ResolvedAuthorizer } from '../../shared/edge.ts'
import { fieldValues, queryValues, type UnknownObject } from './event-fields.ts'

/** Every token of the handshake, with each beginning that is no part of a token escaped. */
export type HandshakeTokens = (
  event: UnknownObject,
  from: Exclude<ResolvedAuthorizer['webSocketToken'], 'header'>,
) => readonly string[]

/** The elements after `bearer` in the list of subprotocols. */
function protocolTokens(event: UnknownObject): string[] {
  const elements = fieldValues(event, 'sec-websocket-protocol')
    .flatMap((value) => value.split(','))
    .map((element) => element.trim())
  return elements.flatMap((element, at) => (element === 'bearer' ? (elements[at + 1] ?? '') : []))
}

export const handshakeTokens: HandshakeTokens = (event, from) =>
  (from === 'protocol' ? protocolTokens(event) : queryValues(event, from.query)).map((token) =>
    // A parameter that begins with a space is no token. Unescaped, the space would count as one after the scheme.
    token.replace(/^ /, '%20'),
  )
