// Workers under load: requests per second, and the CPU time of workerd for each request, which other work on the
// machine disturbs far less.

import type { Group } from '../result.ts'
import type { Runner } from '../rounds.ts'
import { load } from './load.ts'
import type { ServedWorker } from './serve.ts'

export interface NamedWorker {
  readonly name: string
  readonly worker: ServedWorker
}

export interface Busy {
  readonly runners: readonly Runner<readonly Buffer[]>[]
  /** Microseconds of CPU for a request, in each of the last `rounds` rounds; `null` without /proc. */
  cpu(title: string, reference: string, rounds: number): Group | null
}

export function createBusy(workers: readonly NamedWorker[], connections: number): Busy {
  const spent = new Map<string, number[]>(workers.map(({ name }) => [name, []]))
  return {
    runners: workers.map(({ name, worker }) => ({
      name,
      async measure(requests) {
        const before = worker.cpuMs()
        const { perSecond } = await load(worker.port, requests, connections)
        const after = worker.cpuMs()
        if (before !== null && after !== null)
          spent.get(name)!.push(((after - before) * 1000) / requests.length)
        return perSecond
      },
    })),
    cpu(title, reference, rounds) {
      const contestants = [...spent].map(([name, all]) => ({ name, samples: all.slice(-rounds) }))
      if (contestants.some(({ samples }) => samples.length < rounds)) return null
      return { title: `${title}: CPU for a request`, unit: 'µs', reference, contestants }
    },
  }
}
