// CORS that an HTTP API does itself: preflights that no route takes are answered without any authorizer, and answers
// of integrations get the headers of the API in place of their own. Developer guide, "Configure CORS for HTTP APIs in
// API Gateway". Undocumented: what a preflight of an origin that is not listed gets (here: 204 without the headers).

import type { Answer } from './answer.ts'
import type { Cors } from './model.ts'
import { headerValues, type ReceivedRequest } from './request.ts'

const has = (listed: string[], value: string): boolean =>
  listed.includes('*') || listed.some((each) => each.toLowerCase() === value.toLowerCase())

function shared({ origins, credentials }: Cors, received: ReceivedRequest): Answer['headers'] {
  const origin = headerValues(received, 'origin').at(-1)
  if (origin === undefined || !has(origins, origin)) return []
  const allowed = origins.includes('*') && !credentials ? '*' : origin
  return [
    ['access-control-allow-origin', allowed],
    ...(credentials ? ([['access-control-allow-credentials', 'true']] as Answer['headers']) : []),
  ]
}

/** The answer to a preflight; `undefined` for any other request. */
export function preflightAnswer(cors: Cors, received: ReceivedRequest): Answer | undefined {
  const asked = headerValues(received, 'access-control-request-method').at(-1)
  const isPreflight = received.method === 'OPTIONS' && headerValues(received, 'origin').length > 0
  if (!isPreflight || asked === undefined) return undefined
  const granted = shared(cors, received)
  const lists: Answer['headers'] = [
    ['access-control-allow-methods', cors.methods.join(',')],
    ['access-control-allow-headers', cors.headers.join(',')],
    ...(cors.maxAgeSeconds === undefined
      ? []
      : ([['access-control-max-age', String(cors.maxAgeSeconds)]] as Answer['headers'])),
  ]
  return { status: 204, headers: granted.length === 0 ? [] : [...granted, ...lists], body: '' }
}

/** An answer with the headers of the API, and without those that the integration wrote. */
export function withCors(answer: Answer, cors: Cors, received: ReceivedRequest): Answer {
  const others = answer.headers.filter(([name]) => !name.toLowerCase().startsWith('access-control-'))
  const granted = shared(cors, received)
  const exposed: Answer['headers'] =
    granted.length === 0 || cors.exposed.length === 0
      ? []
      : [['access-control-expose-headers', cors.exposed.join(',')]]
  return { ...answer, headers: [...others, ...granted, ...exposed] }
}
