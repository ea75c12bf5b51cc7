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
  /** The name the token goes by, or how to work it out; `undefined` where there is no token. */
  readonly token: string | (() => string | undefined) | undefined
  readonly remembered: boolean
  readonly fetches: number
  readonly ms: number
}

const MAX_CLIENT_CHARS = 256

/** The client of a verified claims set, where it has a name that fits a log. */
export const clientOf = (claims: JsonObject): string | undefined =>
  clientNamed(member(claims, 'client_id') ?? member(claims, 'azp'))

/** The same for a name that was found. */
export function clientNamed(client: unknown): string | undefined {
  return typeof client === 'string' && client.length <= MAX_CLIENT_CHARS && client !== '' ? client : undefined
}

type Draft = { -readonly [member in keyof DecisionReport]: DecisionReport[member] }

/** Adds the name of the token, worked out when it is first read: hashing takes longer than most decisions. */
function addName(event: Draft, nameToken: () => string | undefined): void {
  let name: string | undefined
  let work: (() => string | undefined) | undefined = nameToken
  Object.defineProperty(event, 'token', {
    enumerable: true,
    get() {
      name = work === undefined ? name : work()
      work = undefined
      return name
    },
  })
}

/** The event of a decision. */
export function toReport(
  decision: Decision,
  { method, requestId }: AuthorizationRequest,
  { issuer, client, token, remembered, fetches, ms }: Learnt,
): DecisionReport {
  const refused = decision.allow ? decision.wouldDeny : decision
  const event: Draft = {
    event: 'decision',
    outcome: refused === undefined ? 'allow' : decision.allow ? 'would_deny' : 'deny',
    code: refused?.code ?? (decision.allow && decision.grant !== null ? 'access_token' : 'public'),
  }
  if (refused !== undefined) event.blame = failureRow(refused.code).blame
  if (METHODS.has(method)) event.method = method
  if (requestId !== undefined) event.requestId = requestId
  if (decision.route !== undefined) event.route = decision.route
  if (issuer !== undefined) event.issuer = issuer
  if (client !== undefined) event.client = client
  if (typeof token === 'function') addName(event, token)
  else if (token !== undefined) event.token = token
  if (remembered) event.remembered = true
  event.fetches = fetches
  event.ms = ms
  if (refused?.detail !== undefined) event.detail = refused.detail
  return event
}
