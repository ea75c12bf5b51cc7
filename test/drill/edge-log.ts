// Console lines of an edge of the drill for the driver: which process it is, and when it has processed the end of a
// fetch. Decisions are not logged: the driver sees them in the answers.

import type { ReportEvent } from '../../shared/index.ts'

export interface EdgeLine {
  readonly drill: string
  /** Real milliseconds since the epoch. */
  readonly at: number
  readonly pid?: number
}

/** A `report` that logs the ends of fetches, under the name of the instance. */
export const reportKeys =
  (instance: string) =>
  ({ event }: ReportEvent): void => {
    if (event === 'keys') console.log(JSON.stringify({ drill: instance, at: Date.now() } satisfies EdgeLine))
  }

export const readEdgeLine = (line: string): EdgeLine | null =>
  line.startsWith('{"drill"') ? (JSON.parse(line) as EdgeLine) : null
