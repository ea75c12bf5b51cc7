// What an edge of the drill writes to its console, for the driver: which process it is, and when it has taken
// note of the end of a fetch. Decisions are not written: the driver sees them for itself.

import type { ReportEvent } from '../../shared/index.ts'

export interface EdgeLine {
  readonly drill: string
  /** Real milliseconds since the epoch. */
  readonly at: number
  readonly pid?: number
}

/** A `report` that keeps the ends of fetches, under the name of the instance. */
export const reportKeys =
  (instance: string) =>
  ({ event }: ReportEvent): void => {
    if (event === 'keys') console.log(JSON.stringify({ drill: instance, at: Date.now() } satisfies EdgeLine))
  }

export const readEdgeLine = (line: string): EdgeLine | null =>
  line.startsWith('{"drill"') ? (JSON.parse(line) as EdgeLine) : null
