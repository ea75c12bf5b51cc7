// What a decision costs: how long it took, how much had to be asked for, and when that takes too long. A clock that
// cannot be read is no reason to refuse. The time limit runs from the first thing that is asked or waited for, so that
// a request that has everything at hand pays nothing for it.

import { failure, type Failure } from '../failures/failure.ts'
import type { Ports, WaitUntil } from './ports.ts'
import { gaveUp } from './single-flight.ts'

/**
 * How long one request waits for everything that it needs, in milliseconds. Less than the timeout of the Lambda in
 * serverless.yml, so that the caller gets an answer from here and not an error of the gateway.
 */
export const REQUEST_MS = 7_000

export interface Watch {
  /** To be handed to whatever may ask: a question announces itself here when it is started. */
  readonly waitUntil: WaitUntil
  /** The result of `work`, or that the request has waited long enough, for this and everything before it. */
  within<Result>(work: Promise<Result>): Promise<Result | Failure>
  read(): { readonly fetches: number; readonly ms: number }
}

function readClock(ports: Ports): number {
  try {
    return ports.now()
  } catch {
    return 0
  }
}

export function createWatch(ports: Ports, waitUntil: WaitUntil | undefined): Watch {
  const startedAt = readClock(ports)
  let fetches = 0
  let isRunning = false
  let isLate = false
  let ring = () => {}

  function watched(work: Promise<unknown>, joining?: 'joining'): void {
    if (!isRunning) {
      void gaveUp(REQUEST_MS).then(() => {
        isLate = true
        ring()
      })
    }
    isRunning = true
    if (joining !== undefined) return
    fetches++
    try {
      waitUntil?.(work)
    } catch {
      // It is not kept alive then, and is simply left running.
    }
  }

  return {
    waitUntil: watched,
    within: (work) =>
      new Promise((resolve, reject) => {
        ring = () => resolve(failure('deadline_exceeded'))
        if (isLate) ring()
        work.then(resolve, reject)
      }),
    read: () => ({ fetches, ms: Math.max(0, readClock(ports) - startedAt) }),
  }
}
