// One stored secret with a clock: what the store has, how often it was asked, and what was reported.

import type { GivenPorts, ReportEvent } from '../../shared/index.ts'

/** `world.value` is what the store returns, or throws if it is an error; `world.now` is in milliseconds. */
export function storeSecret(first: unknown) {
  const world = { value: first, now: 1_000_000, loads: 0 }
  const events: ReportEvent[] = []
  const ports: GivenPorts = {
    fetch,
    now: () => world.now,
    report: (event) => void events.push(event),
    secrets: async () => {
      world.loads++
      if (world.value instanceof Error) throw world.value
      return world.value as string
    },
  }
  return { world, events, ports }
}
