// The event of a decision for the operator's log, and a `report` that cannot change the decision.

import type { AuthorizationRequest, Decision } from '../decision.ts'
import { failureRow } from '../failures/failure.ts'
import type { DecisionReport, Ports } from '../platform/ports.ts'

/** Which configuration and which version of Lanekeeper an event is of. */
export type Stamp = Pick<DecisionReport, 'plan' | 'version'>

/** A `report` that never throws: a log that fails changes no decision. It adds `stamp` to each event. */
export const createSafeReport =
  (report: Ports['report'], stamp: Stamp = {}): Ports['report'] =>
  (event) => {
    try {
      report(Object.assign(event, stamp))
    } catch {
      // No channel is left to report this on.
    }
  }

/** Methods that may be logged; a method that a client made up may not. RFC 9110 section 9, RFC 5789. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The members of an event that come from neither the decision nor the request. */
export interface DecisionFacts {
  /** Name of the issuer that the token was read for; `undefined` where none was selected. */
  readonly issuer: string | undefined
  readonly client: string | undefined
  /** The token's fingerprint, or a function that computes it; `undefined` without a token. */
  readonly token: string | (() => string | undefined) | undefined
  readonly remembered: boolean
  readonly fetches: number
  readonly ms: number
}

type Draft = { -readonly [member in keyof DecisionReport]: DecisionReport[member] }

/** An event whose `token` may be computed when it is first read: hashing takes longer than most decisions. */
class DecisionEvent implements Draft {
  readonly event = 'decision'
  outcome: Draft['outcome']
  code: Draft['code']
  #nameToken: (() => string | undefined) | undefined
  #token: string | undefined

  constructor(outcome: Draft['outcome'], code: Draft['code']) {
    this.outcome = outcome
    this.code = code
  }

  /** Shared by all events: to create an accessor takes as long as a few checks of a token. */
  static readonly #TOKEN: PropertyDescriptor & ThisType<DecisionEvent> = {
    enumerable: true,
    get() {
      this.#token ??= this.#nameToken?.()
      this.#nameToken = undefined
      return this.#token
    },
  }

  nameLater(nameToken: () => string | undefined): void {
    this.#nameToken = nameToken
    Object.defineProperty(this, 'token', DecisionEvent.#TOKEN)
  }

  /** V8 discards compiled code together with the last object of the shape that the code expects, so one is kept. */
  static specimen: DecisionReport
}

/** The event of a decision. */
export function toReport(
  decision: Decision,
  { method, requestId }: AuthorizationRequest,
  { issuer, client, token, remembered, fetches, ms }: DecisionFacts,
): DecisionReport {
  const refused = decision.allow ? decision.wouldDeny : decision
  const event: DecisionEvent & Draft = new DecisionEvent(
    refused === undefined ? 'allow' : decision.allow ? 'would_deny' : 'deny',
    refused?.code ?? (decision.allow && decision.grant !== null ? 'access_token' : 'public'),
  )
  if (refused !== undefined) event.blame = refused.blame ?? failureRow(refused.code).blame
  if (METHODS.has(method)) event.method = method
  if (requestId !== undefined) event.requestId = requestId
  if (decision.route !== undefined) event.route = decision.route
  if (issuer !== undefined) event.issuer = issuer
  if (client !== undefined) event.client = client
  if (typeof token === 'function') event.nameLater(token)
  else if (token !== undefined) event.token = token
  if (remembered) event.remembered = true
  event.fetches = fetches
  event.ms = ms
  if (refused?.detail !== undefined) event.detail = refused.detail
  return event
}

DecisionEvent.specimen = toReport(
  { allow: true, route: '', grant: null },
  { method: 'GET', path: '', authorization: [], accessTokenInQuery: false },
  { issuer: '', client: '', token: () => undefined, remembered: false, fetches: 0, ms: 0 },
)
