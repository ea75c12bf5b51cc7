// Unseen tokens through workerd, against a Worker that only calls `subtle.verify`. Neither has an origin behind it, so
// that nothing hides the difference; ours does everything else it does for a request.

import { PARAMETERS } from '../contestants/subtle.ts'
import { configFor, PATH } from '../contestants/ours.ts'
import { compare, ratioOf, worst, type Group } from '../result.ts'
import { takeTurns } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import { figure } from '../present.ts'
import { median } from '../statistics.ts'
import type { Algorithm } from '../world.ts'
import { checkWorker } from '../workerd/check.ts'
import { load, toRequest } from '../workerd/load.ts'
import { serveWorker, type WorkerSource } from '../workerd/serve.ts'

const ALGORITHMS = ['RS256', 'ES256'] as const satisfies readonly Algorithm[]
const CONNECTIONS = 16

const EFFORT = {
  quick: { rounds: 5, warmUp: 2, tokens: { RS256: 600, ES256: 1_000 } },
  full: { rounds: 15, warmUp: 4, tokens: { RS256: 1_500, ES256: 2_500 } },
} as const

const VERIFY = 'subtle.verify alone'
const OURS = 'lanekeeper'
const DECISION = 'the decision alone'

function sourcesFor({ world }: Bench, algorithm: Algorithm): WorkerSource[] {
  const { alg: _, ...jwk } = world.keys[algorithm].publicJwk
  const KEY = JSON.stringify({ jwk, parameters: PARAMETERS[algorithm] })
  const config = configFor(world, [algorithm])
  // Never asked: the Worker answers in its place.
  const CONFIG = JSON.stringify({ ...config, origin: { url: 'https://origin.example.com' } })
  return [
    { name: VERIFY, entry: 'verify-alone.ts', variables: { KEY } },
    { name: OURS, entry: 'ours-alone.ts', variables: { CONFIG } },
    { name: DECISION, entry: 'decide-alone.ts', variables: { CONFIG: JSON.stringify(config) } },
  ]
}

export const runWorkerUnseen: RunRow = async (bench) => {
  const { quick, world, progress } = bench
  const { rounds, warmUp, tokens } = EFFORT[quick ? 'quick' : 'full']
  const groups: Group[] = []
  for (const algorithm of ALGORITHMS) {
    const title = `${algorithm}, ${CONNECTIONS} connections`
    progress(`${title}: starting workerd`)
    const workers = await Promise.all(
      sourcesFor(bench, algorithm).map(async (source) => ({
        name: source.name,
        worker: await serveWorker({ ...source, name: `${source.name} ${algorithm}` }, bench),
      })),
    )
    for (const { name, worker } of workers)
      await checkWorker(name, worker.port, world, { algorithm, scope: name !== VERIFY })
    const contestants = await takeTurns(
      workers.map(({ name, worker: { port } }) => ({
        name,
        measure: async (requests: readonly Buffer[]) => (await load(port, requests, CONNECTIONS)).perSecond,
      })),
      { rounds, warmUp },
      async () =>
        (await world.tokens(algorithm, tokens[algorithm])).map((token) => toRequest(PATH, `Bearer ${token}`)),
      (text) => progress(`${title}: ${text}`),
    )
    groups.push({ title, unit: 'per second', reference: VERIFY, contestants })
  }
  const least = worst(groups, OURS, VERIFY)
  return {
    row: 'worker-unseen',
    groups,
    targets: [
      {
        what: `Worker, unseen: against a Worker that only calls subtle.verify (worst: ${least.title})`,
        bound: { least: 0.9 },
        unit: '×',
        reached: ratioOf(least, OURS, VERIFY),
      },
    ],
    notes: [
      'The Worker that only verifies reads neither header nor claims, and knows the key from the start.',
      `Ours without Hono and without sending on: ${groups.map((group) => `${figure(median(compare(group, DECISION, VERIFY)), 2)} (${group.title})`).join(', ')}.`,
    ],
  }
}
