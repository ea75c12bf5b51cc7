// Fetches of one key set: one at a time, and another one only in place of one that hangs. The result of a fetch that
// was replaced is dropped. On Workers a promise of a request that has ended may never settle, so a request waits only
// for a limited time for the fetch of another request.

import { gaveUp } from '../platform/single-flight.ts'
import type { WaitUntil } from '../platform/ports.ts'

/** Joins the fetch that is under way, or starts one. `waitUntil` keeps it alive after the response. */
export type KeyRefresh = (waitUntil: WaitUntil | undefined) => Promise<void>

/**
 * `apply` takes the result of the fetch that was started last, and returns the work that is left once the keys can be
 * used. `waitMs`: how long a request waits for a fetch that another request started.
 */
export function createKeyRefresh<Result>(
  fetchOnce: () => Promise<Result>,
  apply: (result: Result) => (() => Promise<void>) | null,
  waitMs: number,
): KeyRefresh {
  let inFlight: Promise<unknown> | null = null
  let started = 0

  async function load(): Promise<(() => Promise<void>) | null> {
    const number = ++started
    const result = await fetchOnce()
    return number === started ? apply(result) : null
  }

  async function start(waitUntil: WaitUntil | undefined): Promise<void> {
    const work = load().finally(() => {
      if (inFlight === work) inFlight = null
    })
    inFlight = work
    // The caller gets the error of the fetch by awaiting `work`. The promise for `waitUntil` only keeps the fetch
    // alive.
    const whole = work.then(
      (after) => after?.(),
      () => {},
    )
    waitUntil?.(whole)
    await work
  }

  return async (waitUntil) => {
    if (inFlight === null) return start(waitUntil)
    waitUntil?.(inFlight, 'joining')
    const joined = started
    try {
      if ((await Promise.race([inFlight, gaveUp(waitMs)])) !== 'gave_up') return
    } catch {
      // On Workers, a promise of a request that has ended cannot be awaited.
    }
    if (started === joined) return start(waitUntil)
    await Promise.race([inFlight, gaveUp(waitMs)])
  }
}
