// From the start of workerd to the first answer: our artefact with an origin, its decision alone, jose and hono/jwk in
// Workers of their own, and a Worker that does nothing. Ours and jose fetch the key set from loopback.

import { configFor, PATH } from '../contestants/ours.ts'
import { figure } from '../present.ts'
import { addedTo, type Group } from '../result.ts'
import { takeTurns } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import { AUDIENCE } from '../world.ts'
import { checkWorker } from '../workerd/check.ts'
import { load, toRequest } from '../workerd/load.ts'
import { startOrigin } from '../workerd/origin-child.ts'
import { prepareWorker, startWorker, type PreparedWorker, type WorkerSource } from '../workerd/serve.ts'
import { fromArtefact, fromModule, fromPlan } from '../workerd/source.ts'

const EMPTY = 'empty'
const JOSE = 'jose alone'
const HONO = 'hono/jwk alone'
const DECISION = 'the decision alone'
const OURS = 'lanekeeper'

const EFFORT = { quick: { rounds: 7, warmUp: 1 }, full: { rounds: 41, warmUp: 2 } } as const

function sourcesFor({ world }: Bench, origin: string): WorkerSource[] {
  const { issuer, jwksUri } = world
  const keys = [world.keys.RS256.publicJwk]
  const expected = { issuer, audience: AUDIENCE, algorithms: ['RS256'], typ: 'at+jwt' }
  const variables = { EXPECTED: JSON.stringify({ ...expected, jwksUri, keys }) }
  const config = { ...configFor(world, ['RS256']), origin: { url: origin } }
  return [
    { name: EMPTY, bundle: fromModule('empty.ts') },
    { name: JOSE, bundle: fromModule('jose-alone.ts'), variables },
    { name: HONO, bundle: fromModule('hono-alone.ts'), variables },
    { name: DECISION, bundle: fromPlan(config, { start: 'planned-decision.ts', minify: true }) },
    { name: OURS, bundle: fromArtefact(config) },
  ]
}

interface Start {
  readonly ms: number
  /** `null` without /proc. */
  readonly cpuMs: number | null
}

/** Starts the Worker for one request. */
async function start(worker: PreparedWorker, request: Buffer, bench: Bench): Promise<Start> {
  const startedAt = performance.now()
  const { port, cpuMs, stop } = await startWorker(worker, bench)
  try {
    await load(port, [request], 1)
    return { ms: performance.now() - startedAt, cpuMs: cpuMs() }
  } finally {
    stop()
  }
}

async function check(worker: PreparedWorker, bench: Bench): Promise<void> {
  const { name } = worker
  if (name === EMPTY) return
  const { port, stop } = await startWorker(worker, bench)
  await checkWorker(name, port, bench.world, { scope: name === DECISION || name === OURS })
  stop()
}

export const runWorkerStart: RunRow = async (bench) => {
  const { quick, world, progress } = bench
  const effort = EFFORT[quick ? 'quick' : 'full']
  const workers: PreparedWorker[] = []
  for (const source of sourcesFor(bench, await startOrigin(bench)))
    workers.push(await prepareWorker(source, bench))
  for (const worker of workers) await check(worker, bench)
  const spent = new Map<string, (number | null)[]>(workers.map(({ name }) => [name, []]))
  const contestants = await takeTurns(
    workers.map((worker) => ({
      name: worker.name,
      async measure(request: Buffer) {
        const { ms, cpuMs } = await start(worker, request, bench)
        spent.get(worker.name)!.push(cpuMs)
        return ms
      },
    })),
    effort,
    async () => toRequest(PATH, `Bearer ${await world.token('RS256')}`),
    progress,
  )
  const title = 'RS256, first answer of a new workerd'
  const wall: Group = { title, unit: 'ms', reference: JOSE, contestants }
  const groups = [wall]
  if (![...spent.values()].flat().includes(null))
    groups.push({
      ...{ title: `${title}: CPU of the process`, unit: 'ms', reference: JOSE },
      contestants: [...spent].map(([name, all]) => ({
        name,
        samples: (all as number[]).slice(-effort.rounds),
      })),
    })
  const above = (name: string, group: Group) => `${figure(addedTo(group, EMPTY, name), 1)} ms`
  return {
    row: 'worker-start',
    groups,
    targets: [],
    notes: groups.map(
      (group) =>
        `${group.title}, above a Worker that does nothing: ours ${above(OURS, group)}, its decision alone ${above(DECISION, group)}, jose ${above(JOSE, group)}, hono/jwk, which fetches no keys, ${above(HONO, group)}.`,
    ),
  }
}
