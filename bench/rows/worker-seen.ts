// The artefact as it is deployed, with the same token again, against a Worker that only passes requests on to the same
// origin, and against one that forwards as carefully and decides nothing: requests per second over several connections,
// and the extra time of a single request. First with an origin whose responses the Worker marks, then with one whose
// responses it leaves as they are.

import { ORIGINS, startOrigin } from '../workerd/origin-child.ts'
import { checkWorker } from '../workerd/check.ts'
import { configFor, PATH } from '../contestants/ours.ts'
import { ratioOf, type Group, type Samples, type Target } from '../result.ts'
import { takeTurns, type Runner } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import { figure } from '../present.ts'
import { median } from '../statistics.ts'
import { createBusy, type NamedWorker } from '../workerd/busy.ts'
import { load, toRequest } from '../workerd/load.ts'
import { serveWorker, type WorkerSource } from '../workerd/serve.ts'
import { fromArtefact, fromModule, fromPlan } from '../workerd/source.ts'

const CONNECTIONS = 16

const EFFORT = {
  quick: { rounds: 5, warmUp: 2, requests: 1_200, alone: 200 },
  full: { rounds: 21, warmUp: 4, requests: 4_000, alone: 800 },
} as const

const PASS_THROUGH = 'pass-through'
const OURS = 'lanekeeper'
const UNDECIDED = 'lanekeeper, nothing decided'

/** The README has the figure of the first target. */
const WHAT = {
  nothing: { again: 'Worker, same token again', careful: 'Worker, careful forwarding, same token again' },
  'no-store': {
    again: 'Worker, origin says no-store, same token again',
    careful: 'Worker, careful forwarding, origin says no-store, same token again',
  },
} as const satisfies Record<(typeof ORIGINS)[number]['says'], object>

export const runWorkerSeen: RunRow = async (bench) => {
  const results: OriginResult[] = []
  for (const origin of ORIGINS) results.push(await runBehind(bench, origin))
  return {
    row: 'worker-seen',
    groups: results.flatMap(({ groups }) => groups),
    targets: results.flatMap(({ targets }) => targets),
    notes: [
      ...results.flatMap(({ notes }) => notes),
      'Client and origin share the cores with workerd: where they are short, they hide a part of the difference.',
    ],
  }
}

interface OriginResult {
  readonly groups: readonly Group[]
  readonly targets: readonly Target[]
  readonly notes: readonly string[]
}

async function runBehind(
  bench: Bench,
  { says, cacheControl }: (typeof ORIGINS)[number],
): Promise<OriginResult> {
  const { quick, world, progress } = bench
  const { rounds, warmUp, requests, alone } = EFFORT[quick ? 'quick' : 'full']
  progress(`starting workerd, origin says ${says}`)
  const origin = await startOrigin(bench, { cacheControl })
  const config = { ...configFor(world, ['RS256']), origin: { url: origin } }
  const sources: WorkerSource[] = [
    { name: PASS_THROUGH, bundle: fromModule('pass-through.ts'), variables: { ORIGIN: origin } },
    { name: OURS, bundle: fromArtefact(config) },
    { name: UNDECIDED, bundle: fromPlan(config, { start: 'planned-careful.ts', minify: true }) },
  ]
  const workers: NamedWorker[] = await Promise.all(
    sources.map(async (source) => ({
      name: source.name,
      worker: await serveWorker({ ...source, name: `${source.name} ${says}` }, bench),
    })),
  )
  for (const { name, worker } of workers) if (name === OURS) await checkWorker(name, worker.port, world)
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

  const titles = [
    `RS256, ${CONNECTIONS} connections, origin says ${says}`,
    `RS256, one connection, origin says ${says}: median latency`,
  ] as const
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
    groups: [throughput, ...(cpu === null ? [] : [cpu]), latency],
    targets: [
      {
        what: `${WHAT[says].again}: requests per second against a pass-through Worker`,
        bound: { least: 0.85 },
        unit: '×',
        reached: ratioOf(throughput, OURS, PASS_THROUGH),
      },
      {
        what: `${WHAT[says].careful}: requests per second against a Worker that decides nothing`,
        bound: { least: 0.93 },
        unit: '×',
        reached: ratioOf(throughput, OURS, UNDECIDED),
      },
    ],
    notes: [
      ...addedNotes(latency.contestants, says),
      ...(cpu === null
        ? []
        : [
            `CPU of workerd for a request, origin says ${says}, against the Worker that decides nothing: ${figure(ratioOf(cpu, OURS, UNDECIDED).median, 2)}.`,
          ]),
    ],
  }
}

/** The extra time of a single request, compared with the Worker that only passes it on. */
function addedNotes(contestants: readonly Samples[], says: string): string[] {
  const [reference, ...others] = contestants
  return others.map(({ name, samples }) => {
    const added = samples.map((ms, round) => ms - reference!.samples[round]!)
    return `Added p50, ${name}, origin says ${says}: ${figure(median(added), 3)} ms.`
  })
}
