// Counters in CloudWatch by the embedded metric format: the log line of an event with metrics in it, which CloudWatch
// reads as it stores the log. Dimensions are outcome, code and route alone: each combination is a metric that costs.
// Client, issuer and the token's fingerprint stay in the line, to be searched with Logs Insights. What is not the
// client's fault is counted once more, as `Failures`: an alarm on it is out of a client's reach. Lambda's own `Errors` is
// not, because a refusal that is thrown counts there.
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

/** A `report` for `createHandler`: every event is one line, log entry and metrics in one. */
export function createEmfReport(options: EmfOptions = {}): Ports['report'] {
  const { namespace = 'Lanekeeper', now = () => Date.now() } = options
  const write = options.write ?? ((line: string) => console.log(line))
  return (event) => write(toLine(event, namespace, now()))
}
