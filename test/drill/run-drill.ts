// One drill from start to end: starts everything, goes through the phases under load, compares every answer with the
// oracle and returns the findings. Loopback only; every child is passed to `onSpawn` so that it can be stopped.

import type { Child } from '../../local/child.ts'
import { nowOn, type FastClock } from './clock.ts'
import { createClient } from './client.ts'
import { INSTANCES, startEdges } from './edges.ts'
import { startFaultProxy } from './fault-proxy.ts'
import { createIssuerSide } from './issuer-side.ts'
import type { PublishedKey } from './lies.ts'
import { createLoad } from './load.ts'
import { residentBytes } from './process-info.ts'
import { createRandom, pickToken } from './mix.ts'
import { createServers } from './servers.ts'
import { durationMs, phasesFor, speedFor, type Phase } from './schedule.ts'
import { compareWithOracle, type AnsweredRequest, type ComparedRequest } from './tally.ts'
import { createUnknownKids } from './wallet.ts'

export interface DrillSettings {
  readonly seconds: number
  readonly rate: number
  readonly seed: number
  readonly broken: boolean
  /** An empty directory. */
  readonly directory: string
  readonly onSpawn: (child: Child) => void
  readonly progress: (text: string) => void
}

export interface PhaseFigures {
  readonly phase: Phase
  /** Length of the phase in seconds of the fast clock. */
  readonly seconds: number
  /** By instance: documents fetched, and memory in bytes at the start and at the end. */
  readonly fetches: Readonly<Record<string, number>>
  readonly memory: Readonly<Record<string, readonly [start: number | null, end: number | null]>>
}

export interface DrillResult {
  readonly speed: number
  readonly phases: readonly PhaseFigures[]
  readonly requests: readonly ComparedRequest[]
  readonly unsent: number
  readonly trapped: number
}

const MOST_ON_THEIR_WAY = 1_500
const TICK_MS = 10

const perInstance = <T>(of: (instance: (typeof INSTANCES)[number]) => T): Record<string, T> =>
  Object.fromEntries(INSTANCES.map((instance) => [instance, of(instance)]))

const publishedKeys = async (issuer: string): Promise<PublishedKey[]> =>
  (await (await fetch(`${issuer}/jwks`)).json()).keys

export async function runDrill(settings: DrillSettings): Promise<DrillResult> {
  const { seconds, rate, seed, onSpawn, progress } = settings
  const planned = phasesFor(seconds)
  const speed = speedFor(planned, seconds)
  const clock: FastClock = { originMs: Date.now(), speed }
  const fastNow = nowOn(clock)
  const random = createRandom(seed)
  const proxy = await startFaultProxy()
  const client = createClient()

  try {
    progress('starting the authorization servers and both edges')
    const servers = await createServers(proxy, clock, onSpawn)
    const [edges, before, other, unknownKid] = await Promise.all([
      startEdges({
        ...settings,
        issuer: proxy.url,
        clock,
        onTaken: (instance, at) => proxy.noteTaken(instance, at),
      }),
      servers.prepare('before'),
      servers.startOther(),
      createUnknownKids(),
    ])
    proxy.setOtherKeys(await publishedKeys(other.issuer))

    const starts = planned.map((_, index) =>
      planned.slice(0, index).reduce((sum, phase) => sum + durationMs(phase, speed), 0),
    )
    progress('obtaining tokens')
    const issuer = await createIssuerSide({ proxy, servers, before, other, planned, starts })

    // Brings every process up before the clock counts; an opaque token is refused without a fetch of keys.
    const cold = await Promise.all(INSTANCES.map((instance) => client.send(edges[instance], 'opaque')))
    if (cold.some((verdict) => verdict !== 'deny'))
      throw new Error('an edge does not refuse what is no token')

    const answered: AnsweredRequest[] = []
    let phaseIndex = 0
    let sent = 0
    async function send(): Promise<void> {
      const instance = INSTANCES[sent++ % INSTANCES.length]!
      const fastMs = fastNow()
      const wallet = issuer.walletAt(fastMs)
      const { bursts } = planned[phaseIndex]!
      const picked = pickToken(wallet, { bursts, fastMs }, random)
      const token = picked === 'unknown kid' ? await unknownKid(wallet.good.at(-1)!) : picked
      const { text, ...facts } = token
      const phase = phaseIndex
      const sentAt = Date.now()
      const verdict = await client.send(edges[instance], text)
      answered.push({ ...facts, instance, phase, verdict, sentAt, answeredAt: Date.now() })
    }

    const load = createLoad(rate, MOST_ON_THEIR_WAY, send)
    async function driveWhile(work: Promise<void>): Promise<void> {
      const done = work.then(() => true)
      while ((await Promise.race([done, load.driveUntil(Date.now() + TICK_MS)])) !== true);
    }

    const phases: PhaseFigures[] = []
    const startedAt = Date.now()
    issuer.begin()
    for (const [index, phase] of planned.entries()) {
      phaseIndex = index
      const at = Math.round((Date.now() - startedAt) / 1000)
      progress(`${String(at).padStart(4)} s  ${phase.name}`)
      const enteredAt = fastNow()
      const fetched = perInstance((instance) => proxy.fetches(instance))
      const memory = perInstance((instance) => residentBytes(edges[instance].pid()))
      // The time of a phase counts from when its server is up, however long the start takes.
      await driveWhile(issuer.enter(index))
      await load.driveUntil(Date.now() + durationMs(phase, speed))
      phases.push({
        phase,
        seconds: (fastNow() - enteredAt) / 1000,
        fetches: perInstance((instance) => proxy.fetches(instance) - fetched[instance]!),
        memory: perInstance((instance) => [memory[instance]!, residentBytes(edges[instance].pid())]),
      })
    }
    progress('waiting for the last answers')
    await load.settle()
    const requests = answered.map((one) => compareWithOracle(one, proxy.attempts(one.instance), clock))
    return { speed, phases, requests, unsent: load.unsent(), trapped: proxy.trapped() }
  } finally {
    client.close()
    await proxy.close()
  }
}
