// Timeouts that pass when a test says so. In the projects `unit` and `edges` only `elapse` aborts a signal of
// `AbortSignal.timeout`, so that no test depends on how fast a machine is.

import { setImmediate as nextTurn } from 'node:timers/promises'

let isHeld = false
let elapsed = 0
let timeouts: { readonly due: number; readonly controller: AbortController }[] = []

/** Whether timeouts wait for `elapse`. */
export const areTimeoutsHeld = (): boolean => isHeld

/** Replaces `AbortSignal.timeout` in this process. Timeouts that an earlier file has left are forgotten. */
export function holdTimeouts(): void {
  isHeld = true
  timeouts = []
  AbortSignal.timeout = (ms) => {
    const controller = new AbortController()
    timeouts.push({ due: elapsed + ms, controller })
    return controller.signal
  }
}

/** Aborts every signal that is due within `ms`, in the order of their due times. No clock is set. */
export function elapse(ms: number): void {
  elapsed += ms
  const due = timeouts.filter((timeout) => timeout.due <= elapsed).sort((one, other) => one.due - other.due)
  timeouts = timeouts.filter((timeout) => timeout.due > elapsed)
  for (const { controller } of due)
    controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'))
}

/** The timeout of the tests' endpoints; shorter than any request waits for the fetch of another one. */
export const HANG_MS = 3_000

const elsewhere = new Set<(ms: number) => unknown>()

/** Makes `hang` let time pass in another process, too. Returns a function that ends that. */
export function alsoElapse(there: (ms: number) => unknown): () => void {
  elsewhere.add(there)
  return () => void elsewhere.delete(there)
}

/** A server calls this instead of answering: the caller's timeout passes, in the next turn of the event loop. */
export const hang = (): void =>
  void setImmediate(() => {
    elapse(HANG_MS)
    for (const there of elsewhere) there(HANG_MS)
  })

/**
 * A fetch as that of an ended Workers request: it gets neither an answer nor the timeout of its signal. The promise
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
