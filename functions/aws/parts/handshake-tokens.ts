// Part of the Lambda: tokens of WebSocket handshakes that are not in an Authorization field.

import { handshakeTokens as read } from '../handshake-tokens.ts'
import type { LambdaParts } from '../planned-handler.ts'

export const handshakeTokens: LambdaParts = { handshakeTokens: read }
