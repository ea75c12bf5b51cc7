// The faults of a drill of revocations: what breaks the stores and sets the clocks of the edges, and when it happened.

import { setTimeout as sleep } from 'node:timers/promises'
import { INSTANCES, type Edge, type Instance, type Running } from './edges.ts'
import type { ClockSet, Outage } from './oracle.ts'
import { CLOCK_STEPS, SLOW_MS, type Phase } from './schedule.ts'
import type { Stores } from './writers.ts'

/** The outages of each store so far. */
export type Outages = Readonly<Record<Edge, Outage[]>>

/** Breaks both stores. */
export async function breakStores(stores: Stores, outages: Outages, fault: 'killed' | 'slow') {
  const breakOne = async (edge: Edge): Promise<void> => {
    const outage: Outage = { fault, startedAt: Date.now(), confirmedAt: null, endingAt: null, endedAt: null }
    outages[edge].push(outage)
    await (fault === 'killed' ? stores[edge].kill() : stores[edge].delay(SLOW_MS))
    outage.confirmedAt = Date.now()
  }
  await Promise.all([breakOne('cloudflare'), breakOne('aws')])
}

/** Mends both stores. */
export async function mendStores(stores: Stores, outages: Outages) {
  const mendOne = async (edge: Edge): Promise<void> => {
    const outage = outages[edge].at(-1)!
    outage.endingAt = Date.now()
    await (outage.fault === 'killed' ? stores[edge].start() : stores[edge].delay(0))
    outage.endedAt = Date.now()
  }
  await Promise.all([mendOne('cloudflare'), mendOne('aws')])
}

/** Sets the clocks of instances. */
type SetClocks = (instances: readonly Instance[], aheadMs: number) => Promise<void>

/** When the clock of each instance was set. */
type ClockSets = Readonly<Record<Instance, ClockSet[]>>

/** `token`: for the request before each setting. */
export const createSetClocks =
  (edges: Readonly<Record<Instance, Running>>, token: string, clockSets: ClockSets): SetClocks =>
  async (instances, aheadMs) => {
    const setOne = async (instance: Instance): Promise<void> => {
      const set = { startedAt: Date.now(), endedAt: Infinity }
      clockSets[instance].push(set)
      await edges[instance].setAhead(aheadMs, token)
      set.endedAt = Date.now()
    }
    await Promise.all(instances.map(setOne))
  }

/** Sets the clocks to each step in turn, for so long. */
export async function stepClocks(setClocks: SetClocks, ms: number): Promise<void> {
  for (const step of CLOCK_STEPS) {
    await setClocks(INSTANCES, step)
    await sleep(ms / CLOCK_STEPS.length)
  }
}

/** One of each edge. */
const SET_BACK: readonly Instance[] = ['Worker 2', 'Lambda 2']

/** Waits while the stores are broken. */
export async function waitInOutage({ seconds, setBack }: Phase, setClocks: SetClocks): Promise<void> {
  if (setBack === undefined) return sleep(seconds * 1000)
  await sleep(setBack.afterMs)
  await setClocks(SET_BACK, -setBack.byMs)
  await sleep(seconds * 1000 - setBack.afterMs)
  await setClocks(SET_BACK, 0)
}
