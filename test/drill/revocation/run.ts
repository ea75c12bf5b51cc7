// One drill of revocations from start to end: starts both stores, four instances and an issuer, goes through the phases
// under load, and returns every answer with what the oracle says about it. Loopback only.

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Child } from '../../../local/child.ts'
import { generateKey, startTestIssuer } from '../../support/test-issuer.ts'
import { createRandom } from '../mix.ts'
import { AUDIENCE, boundsOf, toConfig } from './config.ts'
import { edgeOf, INSTANCES, startEdges, type Edge, type Instance } from './edges.ts'
import { breakStores, createSetClocks, mendStores, stepClocks, waitInOutage } from './faults.ts'
import { createInstanceLoad, type Loaded } from './load.ts'
import type { ClockSet, Outage, World } from './oracle.ts'
import { resultOf, type RevocationDrillResult } from './result.ts'
import { phasesFor, timesFor } from './schedule.ts'
import { startDynamoDb, startStoreWorker } from './stores.ts'
import { createTokens, KID } from './tokens.ts'
import { createRevoker, writeEntries, type Stores } from './writers.ts'

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

/** DynamoDB gets a fiftieth of the entries: dynalite takes some sixty a second. */
const DYNAMODB_SHARE = 1 / 50
const GOOD_TOKENS = 24
const REVOCATIONS_A_SECOND = 2
/** Revocations that a store has not taken yet. */
const MOST_PENDING = 12
/** Tokens that an instance has to refuse still. */
const MOST_WATCHED = 60
/** A sandbox takes one request at a time, so tokens are asked about less often there. */
const AT_ONCE = {
  cloudflare: { atOnce: 32, watchMs: 200 },
  aws: { atOnce: 1, watchMs: 400 },
} as const
/** How long a busy machine may take for the last refusals. */
const BUSY_MS = 30_000

const perInstance = <T>(of: (instance: Instance) => T): Record<Instance, T> =>
  Object.fromEntries(INSTANCES.map((instance) => [instance, of(instance)])) as Record<Instance, T>

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
