// The Worker as it is deployed, with the same token again, against a Worker that only passes requests on to the same
// origin: requests per second over several connections, and the extra time of a single request.

import { startOrigin } from '../workerd/origin-child.ts'
import { checkWorker } from '../workerd/check.ts'
import { configFor, PATH } from '../contestants/ours.ts'
import { compare, ratioOf, type Group, type Samples } from '../result.ts'
import { takeTurns, type Runner } from '../rounds.ts'
import type { RunRow } from '../row.ts'
import { figure } from '../present.ts'
import { median } from '../statistics.ts'
import { createBusy, type NamedWorker } from '../workerd/busy.ts'
import { load, toRequest } from '../workerd/load.ts'
import { serveWorker } from '../workerd/serve.ts'

const CONNECTIONS = 16

const EFFORT = {
  quick: { rounds: 5, warmUp: 2, requests: 1_200, alone: 200 },
  full: { rounds: 21, warmUp: 4, requests: 4_000, alone: 800 },
} as const

const PASS_THROUGH = 'pass-through'
const OURS = 'lanekeeper'
const UNDECIDED = 'lanekeeper, nothing decided'

export const runWorkerSeen: RunRow = async (bench) => {
  const { quick, world, progress } = bench
  const { rounds, warmUp, requests, alone } = EFFORT[quick ? 'quick' : 'full']
  progress('starting workerd')
  const origin = await startOrigin(bench)
  const CONFIG = JSON.stringify({ ...configFor(world, ['RS256']), origin: { url: origin } })
  const sources = [
    { name: PASS_THROUGH, entry: 'pass-through.ts', variables: { ORIGIN: origin } },
    { name: OURS, entry: 'ours.ts', variables: { CONFIG } },
    { name: 'lanekeeper, nothing logged', entry: 'ours-silent.ts', variables: { CONFIG } },
    { name: UNDECIDED, entry: 'careful.ts', variables: { CONFIG } },
  ]
  const workers: NamedWorker[] = await Promise.all(
    sources.map(async (source) => ({
      name: source.name,
      worker: await serveWorker(source, bench),
    })),
  )
  for (const { name, worker } of workers)
    if (name !== PASS_THROUGH && name !== UNDECIDED) await checkWorker(name, worker.port, world)
  const request = toRequest(PATH, `Bearer ${await world.token('RS256')}`)

  const busy = createBusy(workers, CONNECTIONS)
  const lone = workers.map(({ name, worker }): Runner<readonly Buffer[]> => ({
    name,
    measure: async (material) => median((await load(worker.port, material, 1)).latencies),
  }))
  const inTurn = (runners: readonly Runner<readonly Buffer[]>[], count: number, title: string) =>
    takeTurns(
      runners,
      { rounds, warmUp },
      async () => Array.from({ length: count }, () => request),
      (text) => progress(`${title}: ${text}`),
    )

  const titles = [`RS256, ${CONNECTIONS} connections`, 'RS256, one connection: median latency'] as const
  const throughput: Group = {
    title: titles[0],
    unit: 'per second',
    reference: PASS_THROUGH,
    contestants: await inTurn(busy.runners, requests, titles[0]),
  }
  const latency: Group = {
    title: titles[1],
    unit: 'ms',
    reference: PASS_THROUGH,
    contestants: await inTurn(lone, alone, titles[1]),
  }
  const cpu = busy.cpu(titles[0], PASS_THROUGH, rounds)
  return {
    row: 'worker-seen',
    groups: [throughput, ...(cpu === null ? [] : [cpu]), latency],
    targets: [
      {
        what: 'Worker, same token again: requests per second against a pass-through Worker',
        bound: { least: 0.85 },
        unit: '×',
        reached: ratioOf(throughput, OURS, PASS_THROUGH),
      },
    ],
    notes: [
      ...addedNotes(latency.contestants),
      `The median of the ratio without the log line: ${figure(median(compare(throughput, 'lanekeeper, nothing logged', PASS_THROUGH)), 2)}.`,
      'Client and origin share the cores with workerd: where they are short, they hide a part of the difference.',
    ],
  }
}

/** The extra time of a single request, compared with the Worker that only passes it on. */
function addedNotes(contestants: readonly Samples[]): string[] {
  const [reference, ...others] = contestants
  return others.map(({ name, samples }) => {
    const added = samples.map((ms, round) => ms - reference!.samples[round]!)
    return `Added p50, ${name}: ${figure(median(added), 3)} ms.`
  })
}
