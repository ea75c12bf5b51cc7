// Counters in Workers Analytics Engine: one data point per event, for questions such as "what would be refused, by
// route, client and reason". Positions are fixed, because queries name blobs by number. Writing never waits or fails.
// https://developers.cloudflare.com/analytics/analytics-engine/

import type { Ports, ReportEvent } from '../../shared/edge.ts'

/** The part of an Analytics Engine binding that is used. */
export interface AnalyticsDataset {
  writeDataPoint(point: {
    readonly indexes: readonly [string]
    readonly blobs: readonly string[]
    readonly doubles: readonly number[]
  }): void
}

/** Longest index that Analytics Engine accepts, in bytes. */
const MAX_INDEX_BYTES = 96

/** blob1 to blob10, in this order. double1 is 1, double2 the milliseconds, double3 the fetches of a decision. */
export const ANALYTICS_BLOBS = [
  'event',
  'outcome',
  'code',
  'blame',
  'route',
  'issuer',
  'client',
  'method',
  'plan',
  'version',
] as const

const textOf = (event: object, name: string): string => String((event as Record<string, unknown>)[name] ?? '')

/** A `report` that writes a data point for each event. Its index, which determines the sampling, is the route. */
export const createAnalyticsReport =
  (dataset: AnalyticsDataset): Ports['report'] =>
  (event: ReportEvent) => {
    const { ms = 0, fetches = 0 } = event.event === 'decision' ? event : {}
    // Route names are ASCII, so characters are bytes.
    const index = (textOf(event, 'route') || event.event).slice(0, MAX_INDEX_BYTES)
    dataset.writeDataPoint({
      indexes: [index],
      blobs: ANALYTICS_BLOBS.map((name) => textOf(event, name)),
      doubles: [1, ms, fetches],
    })
  }
