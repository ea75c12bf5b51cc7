// `serverTiming`: whether responses of the Worker say how long it and the origin took. W3C Server Timing.

import { flag } from '../setting.ts'
import type { Section } from './section.ts'

const ROW = flag(false)

export const SERVER_TIMING_DEFAULTS = { serverTiming: ROW.default } as const

export const serverTimingMeanings = () => ({
  serverTiming: {
    default: SERVER_TIMING_DEFAULTS.serverTiming,
    row: ROW,
    meaning: 'whether responses carry `Server-Timing`',
  },
})

export const SERVER_TIMING: Section<boolean> = {
  check: (value, _environment, addProblem) => ROW.check(value, 'serverTiming', addProblem),
}
