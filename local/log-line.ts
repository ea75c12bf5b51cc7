// The lines the edges log, told from whatever else a child prints.

import type { ReportEvent } from '../shared/index.ts'

/** The event of a line that an edge logged, or `null`. */
export const readLogLine = (line: string): ReportEvent | null =>
  line.startsWith('{"door"') ? (JSON.parse(line) as ReportEvent) : null
