// What each row does under the profiler: our contestant alone, long enough to see where the time goes.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LanekeeperConfig, Ports } from '../../shared/index.ts'
import { buildOurs } from '../artefacts.ts'
import { configFor, createDecide, manyIssuers, manyRoutes, PATH } from '../contestants/ours.ts'
import { coldStart } from '../lambda/boot.ts'
import { environmentFor, toEvent } from '../lambda/event.ts'
import { startSecureKeys } from '../lambda/secure-keys.ts'
import { lap, lapFor } from '../rounds.ts'
import type { Bench } from '../row.ts'
import type { RowName } from '../rows.ts'
import { createDpopDecide, createPresented, freshly, withDpop } from '../rows/dpop.ts'
import { createCertifiedClient, createMtlsDecide, EDGES, withMtls } from '../rows/mtls.ts'
import { storeOf, withRevocation } from '../rows/revocation.ts'
import { freshString } from '../rows/unseen.ts'
import { startOrigin } from '../workerd/origin-child.ts'
import { load, toRequest } from '../workerd/load.ts'
import { serveWorker } from '../workerd/serve.ts'
import { fromPlan } from '../workerd/source.ts'
import { nameModules } from './modules.ts'
import type { CpuProfile } from './profile.ts'
import { profileHere, profileWorkerd } from './cpu-profiler.ts'

const WARM_UP_MS = 1_000
const PROFILED_MS = 3_000
const UNSEEN = 8_000
const STARTS = 5

type Profiler = (bench: Bench) => Promise<CpuProfile[]>

const unseen: Profiler = async ({ world, progress }) => {
  const decide = createDecide(configFor(world, ['RS256']))
  progress(`signing ${UNSEEN} tokens`)
  const fields = (await world.tokens('RS256', UNSEEN)).map((token) => Buffer.from(`Bearer ${token}`))
  const half = UNSEEN / 2
  await lap('lanekeeper', fields.slice(0, half).map(freshString), 1, decide)
  return [await profileHere(() => lap('lanekeeper', fields.slice(half).map(freshString), 1, decide))]
}

/** Tokens that are bound to a DPoP key, each with its proof. */
const dpop: Profiler = async ({ world, progress }) => {
  const decide = createDpopDecide(withDpop(configFor(world, ['RS256'])))
  progress(`signing ${UNSEEN} tokens and proofs`)
  const presented = await (await createPresented(world, 'RS256'))(UNSEEN)
  const half = UNSEEN / 2
  await lap('lanekeeper', freshly(presented.slice(0, half)), 1, decide)
  return [await profileHere(() => lap('lanekeeper', freshly(presented.slice(half)), 1, decide))]
}

/** One token that is bound to a certificate, again and again, as the Worker decides. */
const mtls: Profiler = async ({ world }) => {
  const client = await createCertifiedClient(world)
  const { toFacts, ports } = EDGES[0]!
  const decide = createMtlsDecide(withMtls(configFor(world, ['RS256'])), toFacts(client.pem), ports)
  const field = Buffer.from(`Bearer ${await client.token('RS256')}`)
  const run = (ms: number) => lapFor('lanekeeper', [field], ms, (bytes) => decide(freshString(bytes)))
  await run(WARM_UP_MS)
  return [await profileHere(() => run(PROFILED_MS))]
}

/** The same tokens again, with another configuration than the usual one, and other ports, if the row needs it. */
const again =
  (
    change: (config: LanekeeperConfig) => LanekeeperConfig = (config) => config,
    createPorts: () => Partial<Ports> = () => ({}),
  ): Profiler =>
  async ({ world }) => {
    const decide = createDecide(change(configFor(world, ['RS256'])), createPorts())
    const field = Buffer.from(`Bearer ${await world.token('RS256')}`)
    const run = (ms: number) => lapFor('lanekeeper', [field], ms, (bytes) => decide(freshString(bytes)))
    await run(WARM_UP_MS)
    return [await profileHere(() => run(PROFILED_MS))]
  }

const worker =
  (start: string | null, requestsOf: (bench: Bench) => Promise<Buffer[]>): Profiler =>
  async (bench) => {
    const config = { ...configFor(bench.world, ['RS256']), origin: { url: await startOrigin(bench) } }
    const bundle = fromPlan(config, { ...(start === null ? {} : { start }), minify: false })
    const served = await serveWorker({ name: 'profiled', bundle }, bench, true)
    const requests = await requestsOf(bench)
    const half = requests.length / 2
    await load(served.port, requests.slice(0, half), 16)
    const profile = await profileWorkerd(served.inspectorPort!, () =>
      load(served.port, requests.slice(half), 16),
    )
    return [nameModules(profile, await readFile(served.script, 'utf8'))]
  }

/** Starts of the Lambda, with another configuration than the usual one if the row needs it. */
const coldStarts =
  (change: (config: LanekeeperConfig) => LanekeeperConfig = (config) => config): Profiler =>
  async (bench) => {
    const { directory } = bench
    const secure = await startSecureKeys(bench)
    const { world } = secure
    const environment = environmentFor(secure)
    const config = change(configFor(world, ['RS256']))
    const { file } = await buildOurs(config, 'aws', join(directory, 'profiled'))
    const profiles = join(directory, 'profiles')
    const flags = ['--cpu-prof', `--cpu-prof-dir=${profiles}`, '--cpu-prof-interval=100']
    for (let start = 0; start < STARTS; start++)
      await coldStart(file, environment, toEvent(await world.token('RS256')), flags)
    return Promise.all(
      (await readdir(profiles)).map(async (name) => JSON.parse(await readFile(join(profiles, name), 'utf8'))),
    )
  }

const requestOf = (token: string): Buffer => toRequest(PATH, `Bearer ${token}`)

export const PROFILERS: Readonly<Record<Exclude<RowName, 'bundle' | 'worker-start'>, Profiler>> = {
  unseen,
  seen: again(),
  'worker-seen': worker(null, async ({ world }) => {
    const request = requestOf(await world.token('RS256'))
    return Array.from({ length: 20_000 }, () => request)
  }),
  'worker-unseen': worker('planned-decision.ts', async ({ world }) =>
    (await world.tokens('RS256', UNSEEN)).map(requestOf),
  ),
  'cold-start': coldStarts(),
  'large-start': coldStarts(manyRoutes),
  routes: again(manyRoutes),
  issuers: again(manyIssuers),
  revocation: again(withRevocation, () => ({ revocations: storeOf(1_000_000) })),
  dpop,
  mtls,
  memory: unseen,
}
