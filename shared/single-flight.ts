// One piece of work at a time for each key; whoever asks meanwhile gets its result. A promise made here holds
// for one instance (one isolate, one Lambda sandbox).
// On Workers a promise of a request that has ended may never settle, so nobody waits longer than `waitMs` for
// somebody else's work: the first to give up starts it anew.

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

  return {
    async run(key, work, waitUntil) {
      const joined = flights.get(key)
      if (joined === undefined) return start(key, work, waitUntil)
      try {
        const result = await Promise.race([joined, gaveUp(waitMs)])
        if (result !== 'gave_up') return result
      } catch {
        // On Workers, a promise of a request that has ended cannot be awaited.
      }
      const other = flights.get(key)
      return other === undefined || other === joined ? start(key, work, waitUntil) : other
    },
  }
}
