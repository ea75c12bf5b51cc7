// The globals of a Lambda sandbox in the drill, for its artefact alone: a `console` that keeps the last decision. And
// its handler, which has the decision beside the answer.

import type { DecisionReport } from '../../../../shared/platform/ports.ts'
import { isLogLine, readLogLine } from '../../../support/artefact/log-line.ts'

let last: DecisionReport | null = null

Object.assign(globalThis, {
  [Symbol.for('drill')]: {
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
  /** The message of the error; `null`: it answered. */
  readonly thrown: string | null
  readonly code: string | null
  readonly problem: string | null
}

/** `artefact`: the handler that `lanekeeper build` wrote. A sandbox handles one event at a time. */
export const createSandboxHandler =
  (artefact: (event: unknown) => Promise<{ readonly isAuthorized: boolean }>) =>
  async (event: unknown): Promise<SandboxAnswer> => {
    last = null
    const answer = await artefact(event).catch((error: Error) => error)
    const decision = last as DecisionReport | null
    return {
      isAuthorized: !(answer instanceof Error) && answer.isAuthorized === true,
      thrown: answer instanceof Error ? answer.message : null,
      code: decision?.code ?? null,
      problem: decision?.detail?.['problem'] === undefined ? null : String(decision.detail['problem']),
    }
  }
