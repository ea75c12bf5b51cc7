// Timeouts that a test lets pass. In the projects `unit` and `edges` what `AbortSignal.timeout` returns is aborted by
// `elapse` alone, so that no test depends on how fast a machine is.

import { setImmediate as nextTurn } from 'node:timers/promises'

let isHeld = false
let elapsed = 0
let timeouts: { readonly due: number; readonly controller: AbortController }[] = []

/** Whether timeouts wait for `elapse`. */
export const areTimeoutsHeld = (): boolean => isHeld

/** Takes the place of `AbortSignal.timeout` in this process. */
export function holdTimeouts(): void {
  isHeld = true
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController()
    timeouts.push({ due: elapsed + ms, controller })
    return controller.signal
  }
}

/** Aborts every signal whose time comes within `ms`, in the order in which they are due. No clock is set. */
export function elapse(ms: number): void {
  elapsed += ms
  const due = timeouts.filter((timeout) => timeout.due <= elapsed).sort((one, other) => one.due - other.due)
  timeouts = timeouts.filter((timeout) => timeout.due > elapsed)
  for (const { controller } of due)
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
}

/** As long as the endpoints of the tests are waited for, and shorter than anybody waits for the question of somebody else. */
export const HANG_MS = 3_000

const elsewhere = new Set<(ms: number) => unknown>()

/** Has `hang` let time pass in another process, too. Returns what ends that. */
export function alsoElapse(there: (ms: number) => unknown): () => void {
  elsewhere.add(there)
  return () => void elsewhere.delete(there)
}

/** What a server calls instead of answering: the time of whoever asked runs out, in the next turn of the event loop. */
export const hang = (): void =>
  void setImmediate(() => {
    elapse(HANG_MS)
    for (const there of elsewhere) there(HANG_MS)
  })

/**
 * What a fetch of a Workers request that has ended comes to: neither an answer nor the timeout of its signal. The promise
 * never settles.
 */
export function neverEnding({ signal }: RequestInit): Promise<never> {
  timeouts = timeouts.filter(({ controller }) => controller.signal !== signal)
  return new Promise(() => {})
}

/** How many signals wait for `elapse`. */
export const pendingTimeouts = (): number => timeouts.length

/** Resolves once the condition holds. The timeout of the test is the only limit. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await nextTurn()
}
