// Recognises the log lines of the edges among all lines that a child prints.

import type { ReportEvent } from '../shared/index.ts'

/** The event of a log line, or `null` for any other line. */
export const readLogLine = (line: string): ReportEvent | null =>
  line.startsWith('{"door"') ? (JSON.parse(line) as ReportEvent) : null
