// One piece of work at a time for each key, within one instance (one isolate, one Lambda sandbox). Concurrent callers
// share its result. On Workers a promise of a request that has ended may never settle, so no caller waits longer than
// `waitMs` for the work of another one: the first to give up starts the work again, and a caller that has waited twice
// does the work alone.

import type { WaitUntil } from './ports.ts'

export const gaveUp = (ms: number): Promise<'gave_up'> =>
  new Promise((resolve) => AbortSignal.timeout(ms).addEventListener('abort', () => resolve('gave_up')))

export interface SingleFlight<Result> {
  /** `work` must not throw. `waitUntil` keeps it alive after the response that started it. */
  run(key: string, work: () => Promise<Result>, waitUntil?: WaitUntil): Promise<Result>
}

export function createSingleFlight<Result>(waitMs: number): SingleFlight<Result> {
  const flights = new Map<string, Promise<Result>>()

  function start(
    key: string,
    work: () => Promise<Result>,
    waitUntil: WaitUntil | undefined,
  ): Promise<Result> {
    const flight = work().finally(() => {
      if (flights.get(key) === flight) flights.delete(key)
    })
    flights.set(key, flight)
    waitUntil?.(flight)
    return flight
  }

  /** The result of another caller's work; `null` where it does not settle within `waitMs`. */
  async function join(flight: Promise<Result>): Promise<{ readonly result: Result } | null> {
    try {
      const result = await Promise.race([flight, gaveUp(waitMs)])
      return result === 'gave_up' ? null : { result }
    } catch {
      // On Workers, a promise of a request that has ended cannot be awaited.
      return null
    }
  }

  return {
    async run(key, work, waitUntil) {
      const first = flights.get(key)
      if (first === undefined) return start(key, work, waitUntil)
      waitUntil?.(first, 'joining')
      const joined = await join(first)
      if (joined !== null) return joined.result
      const second = flights.get(key)
      if (second === undefined || second === first) return start(key, work, waitUntil)
      const again = await join(second)
      return again === null ? work() : again.result
    },
  }
}
