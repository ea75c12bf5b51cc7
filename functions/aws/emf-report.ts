// Counters in CloudWatch by the embedded metric format: the log line of an event with metrics in it, which CloudWatch
// reads as it stores the log. Dimensions are outcome, code and route alone: each combination is a metric that costs.
// Client, issuer and the token's fingerprint stay in the line, to be searched with Logs Insights.
// Amazon CloudWatch user guide, "Specification: Embedded metric format".

import type { Ports, ReportEvent } from '../../shared/index.ts'

export interface EmfOptions {
  /** Default `Lanekeeper`. */
  readonly namespace?: string
  /** Takes one line. Default: standard output, which is CloudWatch Logs. */
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
  const { ms = 0, fetches = 0, route = 'none' } = isDecision ? event : {}
  return JSON.stringify({
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: namespace,
          Dimensions: dimensions,
          Metrics: isDecision ? METRICS.decision : METRICS.other,
        },
      ],
    },
    door: 'lambda',
    ...event,
    Outcome: event.outcome,
    Code: event.code,
    ...(isDecision
      ? { Route: route, Decisions: 1, DecisionMs: ms, Fetches: fetches }
      : { Event: event.event, Events: 1 }),
  })
}

/** A `report` for `createHandler`: every event is one line, log entry and metrics in one. */
export function createEmfReport(options: EmfOptions = {}): Ports['report'] {
  const { namespace = 'Lanekeeper', now = () => Date.now() } = options
  const write = options.write ?? ((line: string) => console.log(line))
  return (event) => write(toLine(event, namespace, now()))
}
