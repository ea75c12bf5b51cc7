// Console lines of an edge of the drill for the driver: which process it is, and when it has processed the end of a
// fetch. Decisions are not logged: the driver sees them in the answers.

import type { ReportEvent } from '../../shared/index.ts'

export interface EdgeLine {
  readonly drill: string
  /** Real milliseconds since the epoch. */
  readonly at: number
  readonly pid?: number
}

/** A `report` that logs the ends of fetches, under the name of the instance, with the real clock and console. */
export function reportKeys(instance: string): (event: ReportEvent) => void {
  const { now } = Date
  const { log } = console
  return ({ event }) => {
    if (event === 'keys') log(JSON.stringify({ drill: instance, at: now() } satisfies EdgeLine))
  }
}

export const readEdgeLine = (line: string): EdgeLine | null =>
  line.startsWith('{"drill"') ? (JSON.parse(line) as EdgeLine) : null
