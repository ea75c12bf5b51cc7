// The time that rows depend on. A row reads the clock when its request is made, never when its module is loaded:
// between the two a whole run of tests may pass.

import type { Members } from '../support/test-issuer.ts'

/** Seconds. */
export const now = (): number => Math.floor(Date.now() / 1000)

/** Members that an answer has instead of its own. The function gets the time of the request in seconds. */
export type Change = Members | ((now: number) => Members)

export const changeAt = (now: number, change: Change): Members =>
  typeof change === 'function' ? change(now) : change
