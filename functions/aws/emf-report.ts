// Metrics in CloudWatch by the embedded metric format: the log line of an event contains metrics, which CloudWatch
// extracts when it stores the line. Dimensions are outcome, code and route only: each combination is a metric that
// costs. Client, issuer and fingerprint are in the line, for Logs Insights. Refusals with the blame `issuer` or
// `operator` are counted again as `Failures`: no client can trigger an alarm on it. Lambda's `Errors` counts thrown
// refusals, which a client can cause.
// Amazon CloudWatch user guide, "Specification: Embedded metric format".

import type { Ports, ReportEvent } from '../../shared/edge.ts'

/** Settings of `createEmfReport`: the namespace of the metrics, where the lines go, and the clock. None is required. */
export interface EmfOptions {
  /** Namespace of the metrics in CloudWatch. Default `Lanekeeper`. */
  readonly namespace?: string
  /** Receives one line of JSON for each event. Default: standard output, which is CloudWatch Logs. */
  readonly write?: (line: string) => void
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number
}

const METRICS = {
  decision: [
    { Name: 'Decisions', Unit: 'Count' },
    { Name: 'DecisionMs', Unit: 'Milliseconds' },
    { Name: 'Fetches', Unit: 'Count' },
  ],
  failure: [{ Name: 'Failures', Unit: 'Count' }],
  other: [{ Name: 'Events', Unit: 'Count' }],
} as const

/** The log line of an event, with its metrics. */
function toLine(event: ReportEvent, namespace: string, now: number): string {
  const isDecision = event.event === 'decision'
  const dimensions = isDecision
    ? [
        ['Outcome', 'Code'],
        ['Outcome', 'Code', 'Route'],
      ]
    : [['Event', 'Outcome', 'Code']]
  const { ms = 0, fetches = 0, route = 'none', blame } = isDecision ? event : {}
  const isFailure = blame === 'issuer' || blame === 'operator'
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: dimensions,
          Metrics: isDecision ? METRICS.decision : METRICS.other,
        },
        ...(isFailure ? [{ Namespace: namespace, Dimensions: [['Blame']], Metrics: METRICS.failure }] : []),
      ],
    },
    door: 'lambda',
    ...event,
    Outcome: event.outcome,
    Code: event.code,
    ...(isDecision
      ? { Route: route, Decisions: 1, DecisionMs: ms, Fetches: fetches }
      : { Event: event.event, Events: 1 }),
    ...(isFailure ? { Blame: blame, Failures: 1 } : {}),
  })
}

/**
 * A `report` for `createHandler`: writes one line for each event, which is both log line and metrics. It calls no AWS
 * API.
 *
 * @example
 * ```ts
 * import { createEmfReport, createHandler } from 'lanekeeper/aws'
 * import config from './lanekeeper.config.ts'
 *
 * const report = createEmfReport({ namespace: 'Orders' })
 * export const handler = createHandler(config, process.env, { report })
 * ```
 */
export function createEmfReport(options: EmfOptions = {}): Ports['report'] {
  const { namespace = 'Lanekeeper', now = () => Date.now() } = options
  const write = options.write ?? ((line: string) => console.log(line))
  return (event) => write(toLine(event, namespace, now()))
}
