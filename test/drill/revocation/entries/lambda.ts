// The globals of a Lambda sandbox in the drill, for its artefact alone: a `Date` with a clock that the driver sets, and
// a `console` that keeps the code of the last decision. And its handler, which has this code beside the answer. A
// member `ahead` of an event sets by how many milliseconds the clock is ahead, after the answer.

import type { ReportEvent } from '../../../../shared/index.ts'
import { dateOf } from '../../../support/artefact/clock.ts'
import { isLogLine, readLogLine } from '../../../support/artefact/log-line.ts'

const { now } = Date
let aheadMs = 0
let last: ReportEvent | null = null

Object.assign(globalThis, {
  [Symbol.for('drill')]: {
    Date: dateOf(() => now() + aheadMs),
    console: {
      ...console,
      log: (line: string) => {
        const event = isLogLine(line) ? readLogLine(line) : null
        if (event?.event === 'decision') last = event
      },
    },
  },
})

export interface SandboxAnswer {
  readonly isAuthorized: boolean
  /** `null`: there was no decision. */
  readonly code: string | null
}

interface SandboxEvent {
  readonly ahead?: number
}

/** `artefact`: the handler that `lanekeeper build` wrote. A sandbox handles one event at a time. */
export const createSandboxHandler =
  (artefact: (event: SandboxEvent) => Promise<{ readonly isAuthorized: boolean }>) =>
  async (event: SandboxEvent): Promise<SandboxAnswer> => {
    last = null
    const answer = await artefact(event).catch(() => null)
    if (event.ahead !== undefined) aheadMs = event.ahead
    return {
      isAuthorized: answer?.isAuthorized === true,
      code: last === null ? null : (last as ReportEvent).code,
    }
  }
