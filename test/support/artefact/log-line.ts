// The log line of a deployed edge, read back as the event that it was written from.

import type { ReportEvent } from '../../../shared/index.ts'

export const isLogLine = (line: unknown): line is string =>
  typeof line === 'string' && line.startsWith('{"door":')

export function readLogLine(line: string): ReportEvent {
  const { door: _, ...event } = JSON.parse(line) as ReportEvent & { readonly door: string }
  return event as ReportEvent
}
