// A edge takes a case request the way its platform would deliver it and tells what came of it.

import type { DecisionReport, FailureDetail, LanekeeperConfig, ReportEvent } from '../../shared/index.ts'
import type { CaseRequest, EdgeName } from '../cases/row.ts'
import type { SeenRequest } from '../support/origin-process.ts'

const PREFIX = 'x-lanekeeper-'

export interface Outcome {
  readonly allow: boolean
  /** What the operator was told. */
  readonly code: string
  /** What stands beside the code. */
  readonly detail?: FailureDetail | undefined
  /** What came over the wire, in the terms of the edge. */
  readonly wire: Readonly<Record<string, unknown>>
  /** The identity passed on, without `expires_at`; `null` where none was. */
  readonly identity: Readonly<Record<string, string>> | null
}

export interface Edge {
  readonly name: EdgeName
  send(request: CaseRequest): Promise<Outcome>
  /** Sets the clock of the edge forward, further than it has been set before. Timeouts stay what they are. */
  advance(ms: number): Promise<void>
  /** Lets so much time pass for what has a timeout. The clock stays as it is. */
  elapse(ms: number): Promise<void>
  close(): Promise<void>
}

/** What the configuration points at, by name. */
export type Variables = Readonly<Record<string, string>>

export type OpenEdge = (config: LanekeeperConfig, env?: Variables) => Promise<Edge>

function decisionIn(events: readonly ReportEvent[]): DecisionReport {
  const decisions = events.filter((event) => event.event === 'decision')
  if (decisions.length !== 1) throw new Error(`expected one decision, got ${JSON.stringify(events)}`)
  return decisions[0] as DecisionReport
}

/** The detail of the one decision among the reported events. */
export const detailOf = (events: readonly ReportEvent[]): FailureDetail | undefined =>
  decisionIn(events).detail

/** The code of the one decision among the reported events; after `would_deny` where it was not enforced. */
export function codeOf(events: readonly ReportEvent[]): string {
  const { outcome, code } = decisionIn(events)
  return outcome === 'would_deny' ? `would_deny ${code}` : code
}

/** Drops what depends on the time of the run, and tells "no identity" from an identity. */
export function comparable(
  identity: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | null {
  const { expires_at: expiresAt, ...rest } = identity
  if (expiresAt === undefined) return Object.keys(rest).length === 0 ? null : rest
  if (!/^\d+$/.test(expiresAt)) throw new Error(`expires_at is ${expiresAt}`)
  return rest
}

/** The identity the origin is told, its names read as leniently as any server reads them; no name may be there twice. */
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
