// The function that receives logout tokens on AWS (`revocation.logout`), beside the authorizer and from the same plan:
// behind a route of API Gateway that has no authorizer, or as a function URL. Translates events and decides nothing.

import type { Parts, Plan, Ports, ReceivedRequest, Receiver } from '../../shared/edge.ts'
import { fieldValues, objectOf } from './event-fields.ts'
import { startAuthorizer, type LambdaParts } from './planned-handler.ts'

/** An answer of a function to a REST API, an HTTP API or a function URL. */
export interface LogoutResult {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export type LogoutHandler = (event: unknown) => Promise<LogoutResult>

/** The body of an event; `null` if it is larger than `maxBytes`. A larger one is not decoded. */
function readBody({ body, isBase64Encoded }: Readonly<Record<string, unknown>>, maxBytes: number) {
  if (typeof body !== 'string') return new Uint8Array()
  const isBase64 = isBase64Encoded === true
  if (body.length > (isBase64 ? Math.ceil(maxBytes / 3) * 4 : maxBytes)) return null
  const bytes = new Uint8Array(Buffer.from(body, isBase64 ? 'base64' : 'utf8'))
  return bytes.length > maxBytes ? null : bytes
}

/** The request in an event of a REST API, an HTTP API (payload 1.0 and 2.0) or a function URL. */
export function toReceivedRequest(event: unknown): ReceivedRequest {
  const given = objectOf(event)
  const { method } = objectOf(objectOf(given['requestContext'])['http'])
  const types = fieldValues(given, 'content-type')
  return {
    method: String(method ?? given['httpMethod'] ?? ''),
    contentType: types.length === 1 ? types[0]! : null,
    body: async (maxBytes) => readBody(given, maxBytes),
  }
}

/** The handler for a receiver. It answers at any path: API Gateway or the URL of the function chooses it. */
export function createLogoutHandler(receiver: Receiver): LogoutHandler {
  return async (event) => {
    const { status, headers, body } = await receiver.receive(toReceivedRequest(event), undefined)
    return { statusCode: status, headers, body: body ?? '' }
  }
}

/**
 * The handler for a plan with `revocation.logout`.
 *
 * @throws {ConfigError} if the plan is for another edge, stage or version, or the environment lacks what it names.
 */
export function startLogoutHandler(
  plan: Plan,
  env: Readonly<Record<string, string | undefined>>,
  parts: Parts,
  lambdaParts: LambdaParts,
  report?: Ports['report'],
): LogoutHandler {
  const { authorizer } = startAuthorizer(plan, env, parts, lambdaParts, report)
  const [receiver] = authorizer.receivers
  if (receiver === undefined) throw new TypeError('the plan has no revocation.logout')
  return createLogoutHandler(receiver)
}
