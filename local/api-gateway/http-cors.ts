// CORS of an HTTP API. If a preflight matches no route, the API answers it itself. The API replaces the CORS headers of
// an integration's answer with its own. Developer guide, "Configure CORS for HTTP APIs in API Gateway".
// Undocumented: the answer to a preflight from an origin that is not listed (here 204 without CORS headers).

import type { Answer } from './answer.ts'
import type { Cors } from './model.ts'
import { headerValues, type ReceivedRequest } from './request.ts'

const includesName = (names: string[], value: string): boolean =>
  names.includes('*') || names.some((each) => each.toLowerCase() === value.toLowerCase())

function originHeaders({ origins, credentials }: Cors, received: ReceivedRequest): Answer['headers'] {
  const origin = headerValues(received, 'origin').at(-1)
  if (origin === undefined || !includesName(origins, origin)) return []
  const allowed = origins.includes('*') && !credentials ? '*' : origin
  return [
    ['access-control-allow-origin', allowed],
    ...(credentials ? ([['access-control-allow-credentials', 'true']] as Answer['headers']) : []),
  ]
}

/** The answer to a preflight; `undefined` for any other request. */
export function preflightAnswer(cors: Cors, received: ReceivedRequest): Answer | undefined {
  const requestMethod = headerValues(received, 'access-control-request-method').at(-1)
  const isPreflight = received.method === 'OPTIONS' && headerValues(received, 'origin').length > 0
  if (!isPreflight || requestMethod === undefined) return undefined
  const granted = originHeaders(cors, received)
  const lists: Answer['headers'] = [
    ['access-control-allow-methods', cors.methods.join(',')],
    ['access-control-allow-headers', cors.headers.join(',')],
    ...(cors.maxAgeSeconds === undefined
      ? []
      : ([['access-control-max-age', String(cors.maxAgeSeconds)]] as Answer['headers'])),
  ]
  return { status: 204, headers: granted.length === 0 ? [] : [...granted, ...lists], body: '' }
}

/** The answer with the CORS headers of the API instead of those of the integration. */
export function withCors(answer: Answer, cors: Cors, received: ReceivedRequest): Answer {
  const others = answer.headers.filter(([name]) => !name.toLowerCase().startsWith('access-control-'))
  const granted = originHeaders(cors, received)
  const exposed: Answer['headers'] =
    granted.length === 0 || cors.exposed.length === 0
      ? []
      : [['access-control-expose-headers', cors.exposed.join(',')]]
  return { ...answer, headers: [...others, ...granted, ...exposed] }
}
