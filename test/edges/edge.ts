// An edge sends a case request as its platform would deliver it, and returns the outcome.

import type { DecisionReport, FailureDetail, LanekeeperConfig, ReportEvent } from '../../shared/index.ts'
import type { CaseRequest, EdgeName } from '../cases/row.ts'
import type { SeenRequest } from '../support/origin-process.ts'

const PREFIX = 'x-lanekeeper-'

export interface Outcome {
  readonly allow: boolean
  /** The code in the log. */
  readonly code: string
  /** The detail beside the code. */
  readonly detail?: FailureDetail | undefined
  /** The answer on the wire, in the terms of the edge. */
  readonly wire: Readonly<Record<string, unknown>>
  /** The identity passed on, without `expires_at`; `null` if none was passed on. */
  readonly identity: Readonly<Record<string, string>> | null
}

export interface Edge {
  readonly name: EdgeName
  send(request: CaseRequest): Promise<Outcome>
  /** Moves the clock of the edge to `ms` later than the test has moved it before. Timeouts do not fire. */
  advance(ms: number): Promise<void>
  /** Lets timeouts of the next `ms` fire. The clock stays. */
  elapse(ms: number): Promise<void>
  close(): Promise<void>
}

/** The variables and secrets that the configuration refers to, by name. */
export type Variables = Readonly<Record<string, string>>

export type OpenEdge = (config: LanekeeperConfig, env?: Variables) => Promise<Edge>

function decisionIn(events: readonly ReportEvent[]): DecisionReport {
  const decisions = events.filter((event) => event.event === 'decision')
  if (decisions.length !== 1) throw new Error(`expected one decision, got ${JSON.stringify(events)}`)
  return decisions[0] as DecisionReport
}

/** The detail of the one decision among the events. */
export const detailOf = (events: readonly ReportEvent[]): FailureDetail | undefined =>
  decisionIn(events).detail

/** The code of the one decision among the events; with `would_deny` before it if it was not enforced. */
export function codeOf(events: readonly ReportEvent[]): string {
  const { outcome, code } = decisionIn(events)
  return outcome === 'would_deny' ? `would_deny ${code}` : code
}

/** Removes what depends on the time of the run; `null` for no identity. */
export function comparable(
  identity: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | null {
  const { expires_at: expiresAt, ...rest } = identity
  if (expiresAt === undefined) return Object.keys(rest).length === 0 ? null : rest
  if (!/^\d+$/.test(expiresAt)) throw new Error(`expires_at is ${expiresAt}`)
  return rest
}

/**
 * The identity that the origin gets, with its names read as leniently as any server reads them; no name may occur
 * twice.
 */
export function identityIn(seen: SeenRequest): Record<string, string> {
  const identity: Record<string, string> = {}
  for (let i = 0; i < seen.rawHeaders.length; i += 2) {
    const plain = seen.rawHeaders[i]!.toLowerCase().replace(/[^a-z0-9]/g, '-')
    if (!plain.startsWith(PREFIX)) continue
    const name = plain.slice(PREFIX.length).replaceAll('-', '_')
    if (name in identity) throw new Error(`the origin is told ${name} twice`)
    identity[name] = seen.rawHeaders[i + 1]!
  }
  return identity
}
