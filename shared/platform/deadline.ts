// The deadline of one request, and what the request cost: milliseconds and fetches. The time limit runs from the first
// fetch that the request starts or joins, so a request that waits for nothing pays nothing for it. A clock that throws
// does not refuse the request.

import { failure, type Failure } from '../failures/failure.ts'
import type { Ports, WaitUntil } from './ports.ts'
import { gaveUp } from './single-flight.ts'

/**
 * How long one request waits for everything that it needs, in milliseconds. Less than the timeout of the Lambda in
 * serverless.yml, so that the caller gets an answer from here and not an error of the gateway.
 */
export const REQUEST_MS = 7_000

export interface Deadline {
  /** For code that fetches: it passes each fetch that it starts or joins. */
  readonly waitUntil: WaitUntil
  /** The result of `work`, or `deadline_exceeded` if the time is up first, and then in every later race. */
  race<Result>(work: Promise<Result>): Promise<Result | Failure>
  /** Fetches that were started, and milliseconds since the request began. */
  read(): { readonly fetches: number; readonly ms: number }
}

function readClock(ports: Ports): number {
  try {
    return ports.now()
  } catch {
    return 0
  }
}

interface TimeUp {
  readonly promise: Promise<Failure>
  resolve(): void
}

function createTimeUp(): TimeUp {
  let resolve = () => {}
  const promise = new Promise<Failure>((resolveWith) => {
    resolve = () => resolveWith(failure('deadline_exceeded'))
  })
  return { promise, resolve }
}

export function createDeadline(ports: Ports, waitUntil: WaitUntil | undefined): Deadline {
  const startedAt = readClock(ports)
  let fetches = 0
  let isRunning = false
  /** Shared by all races. Created with the first fetch or the first race. */
  let timeUp: TimeUp | undefined

  return {
    waitUntil(work, joining) {
      if (!isRunning) {
        isRunning = true
        timeUp ??= createTimeUp()
        void gaveUp(REQUEST_MS).then(timeUp.resolve)
      }
      if (joining !== undefined) return
      fetches++
      try {
        waitUntil?.(work)
      } catch {
        // The platform may then cancel the work after the response.
      }
    },
    race(work) {
      timeUp ??= createTimeUp()
      return Promise.race([timeUp.promise, work])
    },
    read: () => ({ fetches, ms: Math.max(0, readClock(ports) - startedAt) }),
  }
}
