// What a decision costs: how long it took and how much had to be asked for. Watches, and changes nothing: a clock
// that cannot be read is no reason to refuse.

import type { Ports, WaitUntil } from './ports.ts'

export interface Watch {
  /** To be handed to whatever may ask: a question announces itself here when it is started. */
  readonly waitUntil: WaitUntil
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
  return {
    waitUntil(work) {
      fetches++
      waitUntil?.(work)
    },
    read: () => ({ fetches, ms: Math.max(0, readClock(ports) - startedAt) }),
  }
}
