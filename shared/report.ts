// What the operator is told about a decision, and the promise that telling cannot change it.

import type { AuthorizationRequest, Decision } from './decision.ts'
import { failureRow } from './failure.ts'
import type { DecisionReport, Ports } from './ports.ts'
import { member, type JsonObject } from './token/strict-json.ts'

/** A `report` that never throws: a decision does not depend on whether it could be written down. */
export const createSafeReport =
  (report: Ports['report']): Ports['report'] =>
  (event) => {
    try {
      report(event)
    } catch {
      // There is nobody left to tell.
    }
  }

/** Methods that may stand in a log; a method of the client's own making may not. RFC 9110 section 9, RFC 5789. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** What was learnt on the way to a decision. */
export interface Learnt {
  /** Name of the issuer whose keys were asked, if it came that far. */
  readonly issuer: string | undefined
  readonly client: string | undefined
  /** The name the token goes by. */
  readonly token: string | undefined
  readonly remembered: boolean
  readonly fetches: number
  readonly ms: number
}

const MAX_CLIENT_CHARS = 256

/** The client of a verified claims set, where it has a name that fits a log. */
export function clientOf(claims: JsonObject): string | undefined {
  const client = member(claims, 'client_id') ?? member(claims, 'azp')
  return typeof client === 'string' && client.length <= MAX_CLIENT_CHARS && client !== '' ? client : undefined
}

/** The event of a decision. */
export function toReport(
  decision: Decision,
  { method, requestId }: AuthorizationRequest,
  { issuer, client, token, remembered, fetches, ms }: Learnt,
): DecisionReport {
  const about = {
    ...(METHODS.has(method) ? { method } : {}),
    ...(requestId === undefined ? {} : { requestId }),
    ...(decision.route === undefined ? {} : { route: decision.route }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(client === undefined ? {} : { client }),
    ...(token === undefined ? {} : { token }),
    ...(remembered ? { remembered } : {}),
    fetches,
    ms,
  }
  const refused = decision.allow ? decision.wouldDeny : decision
  if (refused === undefined) {
    return {
      event: 'decision',
      outcome: 'allow',
      code: decision.allow && decision.grant !== null ? 'access_token' : 'public',
      ...about,
    }
  }
  const { code, detail } = refused
  const { blame } = failureRow(code)
  return {
    event: 'decision',
    outcome: decision.allow ? 'would_deny' : 'deny',
    code,
    blame,
    ...about,
    ...(detail === undefined ? {} : { detail }),
  }
}
