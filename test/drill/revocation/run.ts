// One drill of revocations from start to end: starts both stores, four instances and an issuer, goes through the phases
// under load, and returns every answer with what the oracle says about it. Loopback only.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../../../local/child.ts'
import { generateKey, startTestIssuer } from '../../support/test-issuer.ts'
import { createRandom } from '../mix.ts'
import { AUDIENCE, boundsOf, toConfig, type Bound } from './config.ts'
import { edgeOf, INSTANCES, startEdges, type Edge, type Instance, type Running } from './edges.ts'
import { createInstanceLoad, type AnsweredLoad, type InstanceLoad, type Loaded } from './load.ts'
import {
  boundAt,
  isBrokenBetween,
  judge,
  type ClockSet,
  type Finding,
  type Outage,
  type World,
} from './oracle.ts'
import { CLOCK_STEPS, phasesFor, SLOW_MS, timesFor, type Phase, type Times } from './schedule.ts'
import { startDynamoDb, startStoreWorker } from './stores.ts'
import { createTokens, KID } from './tokens.ts'
import { createRevoker, writeEntries, type Stores, type Written } from './writers.ts'

export interface RevocationDrillSettings {
  readonly seconds: number
  /** Requests a second, over all instances, besides those about tokens that are being revoked. */
  readonly rate: number
  /** Entries a second for the store Worker. DynamoDB gets a fiftieth. */
  readonly entries: number
  readonly seed: number
  /** The first Worker does not ask the store. */
  readonly broken: boolean
  /** See `World.isBusy`. */
  readonly busy: boolean
  /** An empty directory. */
  readonly directory: string
  readonly onSpawn: (child: Child) => void
  readonly progress: (text: string) => void
}

export interface JudgedLoad extends AnsweredLoad {
  readonly finding: Finding
}

/** How long a revocation took at one instance, from the answer of the store. */
export interface Delay {
  /** Until the first refusal as revoked; where the store was broken meanwhile, until the token was allowed last. */
  readonly ms: number
  readonly boundMs: number
  /** Whether the store was broken meanwhile. */
  readonly isOutage: boolean
}

export interface InstanceResult {
  readonly answered: readonly JudgedLoad[]
  readonly delays: readonly Delay[]
  /** Tokens that were revoked and never refused. */
  readonly missed: number
  readonly unsent: number
}

export interface RevocationDrillResult {
  readonly times: Times
  readonly bounds: Readonly<Record<Edge, Bound>>
  readonly phases: readonly Phase[]
  readonly of: Readonly<Record<Instance, InstanceResult>>
  readonly written: Readonly<Record<Edge, Written>>
  /** For how long each store answered. */
  readonly answering: Readonly<Record<Edge, number>>
}

/** DynamoDB gets a fiftieth of the entries: dynalite takes some sixty a second. */
const DYNAMODB_SHARE = 1 / 50
const GOOD_TOKENS = 24
const REVOCATIONS_A_SECOND = 2
/** Revocations that a store has not taken yet. */
const MOST_PENDING = 12
/** Tokens that an instance has to refuse still. */
const MOST_WATCHED = 60
/** A sandbox takes one request at a time, so tokens are asked about less often there. */
export const AT_ONCE = {
  cloudflare: { atOnce: 32, watchMs: 200 },
  aws: { atOnce: 1, watchMs: 400 },
} as const
/** How long a busy machine may take for the last refusals. */
const BUSY_MS = 30_000

const perInstance = <T>(of: (instance: Instance) => T): Record<Instance, T> =>
  Object.fromEntries(INSTANCES.map((instance) => [instance, of(instance)])) as Record<Instance, T>

/** When the last request was sent that was allowed; `null`: none was. `answered`: all answers about a token. */
const lastAllowedAt = (answered: readonly AnsweredLoad[]): number | null =>
  answered.reduce<number | null>(
    (last, { verdict, sentAt }) => (verdict === 'allow' ? Math.max(last ?? 0, sentAt) : last),
    null,
  )

function resultOf(load: InstanceLoad, watched: readonly Loaded[], edge: Edge, world: World): InstanceResult {
  const delays: Delay[] = []
  const answers = Map.groupBy(load.answered, ({ number }) => number)
  let missed = 0
  for (const { token, written } of watched) {
    const { revokedAt } = written![edge]
    if (revokedAt === null) continue
    const refusedAt = load.refused.get(token.number)
    if (refusedAt === undefined) {
      missed++
      continue
    }
    const isOutage = isBrokenBetween(world, revokedAt, refusedAt)
    const allowedAt = lastAllowedAt(answers.get(token.number)!) ?? revokedAt
    const at = isOutage ? allowedAt : refusedAt
    delays.push({ ms: Math.max(0, at - revokedAt), boundMs: boundAt(world, revokedAt, at), isOutage })
  }
  return {
    answered: load.answered.map((one) => ({ ...one, finding: judge(world, one) })),
    delays,
    missed,
    unsent: load.unsent(),
  }
}

async function breakStores(
  stores: Stores,
  outages: Readonly<Record<Edge, Outage[]>>,
  fault: 'killed' | 'slow',
) {
  const breakOne = async (edge: Edge): Promise<void> => {
    const outage: Outage = { fault, startedAt: Date.now(), confirmedAt: null, endingAt: null, endedAt: null }
    outages[edge].push(outage)
    await (fault === 'killed' ? stores[edge].kill() : stores[edge].delay(SLOW_MS))
    outage.confirmedAt = Date.now()
  }
  await Promise.all([breakOne('cloudflare'), breakOne('aws')])
}

async function mendStores(stores: Stores, outages: Readonly<Record<Edge, Outage[]>>) {
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

type ClockSets = Readonly<Record<Instance, ClockSet[]>>

const createSetClocks =
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
async function stepClocks(setClocks: SetClocks, ms: number): Promise<void> {
  for (const step of CLOCK_STEPS) {
    await setClocks(INSTANCES, step)
    await sleep(ms / CLOCK_STEPS.length)
  }
}

/** One of each edge. */
const SET_BACK: readonly Instance[] = ['Worker 2', 'Lambda 2']

/** Waits while the stores are broken. */
async function waitInOutage({ seconds, setBack }: Phase, setClocks: SetClocks): Promise<void> {
  if (setBack === undefined) return sleep(seconds * 1000)
  await sleep(setBack.afterMs)
  await setClocks(SET_BACK, -setBack.byMs)
  await sleep(seconds * 1000 - setBack.afterMs)
  await setClocks(SET_BACK, 0)
}

export async function runRevocationDrill(settings: RevocationDrillSettings): Promise<RevocationDrillResult> {
  const { seconds, rate, entries, seed, broken, busy, directory, onSpawn, progress } = settings
  const times = timesFor(seconds)
  const phases = phasesFor(seconds)
  const random = createRandom(seed)
  const key = await generateKey('EdDSA', KID)
  const issuer = await startTestIssuer({ audience: AUDIENCE, keys: [key] })
  const config = toConfig(issuer.issuer, times)
  const bounds = boundsOf(config)
  const registry = join(directory, 'registry')
  await mkdir(registry)
  const common = { directory, registry, config, onSpawn }

  progress('building and starting both stores, two Workers and two Lambda sandboxes')
  const [storeWorker, dynamoDb] = await Promise.all([startStoreWorker(common), startDynamoDb(common)])
  const stores: Stores = { cloudflare: storeWorker, aws: dynamoDb }
  const edges = await startEdges({
    ...common,
    firstConfig: toConfig(issuer.issuer, times, broken),
    dynamoDb: dynamoDb.endpoint,
  })

  try {
    const nextToken = createTokens(issuer.issuer, await crypto.subtle.exportKey('jwk', key.privateKey))
    const outages: Record<Edge, Outage[]> = { cloudflare: [], aws: [] }
    const clockSets = perInstance((): ClockSet[] => [])
    const isBroken = (edge: Edge): boolean => {
      const last = outages[edge].at(-1)
      return last !== undefined && last.endedAt === null
    }
    const fresh = (): Loaded => ({ token: nextToken(), written: null })
    const good = Array.from({ length: GOOD_TOKENS }, fresh)
    const setClocks = createSetClocks(edges.of, good[0]!.token.text, clockSets)
    let phaseIndex = 0
    const loads = perInstance((instance) => {
      const edge = edgeOf(instance)
      return createInstanceLoad({
        edge,
        running: edges.of[instance],
        ...AT_ONCE[edge],
        rate: rate / INSTANCES.length,
        good,
        fresh,
        random,
        phase: () => phaseIndex,
        isBroken: () => isBroken(edge),
      })
    })

    // Brings every instance up before the drill begins: it loads the store's client and the keys of the issuer.
    for (const instance of INSTANCES)
      for (let tries = 0; (await edges.of[instance].ask(good[0]!.token.text)).verdict !== 'allow'; tries++) {
        if (tries === 20) throw new Error(`${instance} does not allow a token that was never revoked`)
        await sleep(250)
      }

    let isOver = false
    const watched: Loaded[] = []
    const revoker = createRevoker(stores, () => isOver)

    /** One more token that every instance has seen is revoked. */
    async function revokeOne(): Promise<void> {
      const written = { attemptedAt: null, revokedAt: null }
      const loaded: Loaded = {
        token: nextToken(),
        written: { cloudflare: { ...written }, aws: { ...written } },
      }
      await Promise.all(INSTANCES.map((instance) => loads[instance].ask(loaded)))
      watched.push(loaded)
      for (const instance of INSTANCES) loads[instance].watch(loaded)
      revoker.begin(loaded)
    }

    async function revokeMany(until: () => boolean): Promise<void> {
      while (!until()) {
        await sleep(1000 / REVOCATIONS_A_SECOND)
        const isBusy = INSTANCES.some((instance) => loads[instance].watched() >= MOST_WATCHED)
        if (!isBusy && revoker.pending() < MOST_PENDING) await revokeOne()
      }
    }

    let isEnding = false
    const startedAt = Date.now()
    const running = Promise.all(INSTANCES.map((instance) => loads[instance].run(() => isOver)))
    const writing = Promise.all([
      writeEntries(stores.cloudflare, entries, () => isEnding),
      writeEntries(stores.aws, entries * DYNAMODB_SHARE, () => isEnding),
    ])
    const revoking = revokeMany(() => isEnding)
    for (const [index, phase] of phases.entries()) {
      const { name, fault } = phase
      phaseIndex = index
      progress(`${String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)} s  ${name}`)
      const ms = phase.seconds * 1000
      if (fault === 'clocks') await stepClocks(setClocks, ms)
      else if (fault === 'none') await sleep(ms)
      else {
        await breakStores(stores, outages, fault)
        await waitInOutage(phase, setClocks)
        await mendStores(stores, outages)
      }
    }
    isEnding = true
    progress('waiting for the last refusals')
    await revoking
    const lastMs = Date.now() + (broken ? 0 : bounds.cloudflare.seconds * 1000 + (busy ? BUSY_MS : 2_000))
    while (
      Date.now() < lastMs &&
      (revoker.pending() > 0 || INSTANCES.some((instance) => loads[instance].watched() > 0))
    )
      await sleep(100)
    isOver = true
    await running
    const [cloudflare, aws] = await writing
    const took = (Date.now() - startedAt) / 1000
    const answering = (edge: Edge) =>
      took - outages[edge].reduce((sum, outage) => sum + (outage.endedAt! - outage.startedAt) / 1000, 0)
    return {
      times,
      bounds,
      phases,
      of: perInstance((instance) => {
        const edge = edgeOf(instance)
        const world: World = {
          edge,
          outages: outages[edge],
          clockSets: clockSets[instance],
          bound: bounds[edge],
          times,
          isBusy: busy,
        }
        return resultOf(loads[instance], watched, edge, world)
      }),
      written: { cloudflare, aws },
      answering: { cloudflare: answering('cloudflare'), aws: answering('aws') },
    }
  } finally {
    await edges.close()
    await issuer.close()
  }
}
