// One drill from start to end: starts everything, goes through the phases under load, judges every answer against
// the oracle and says what it found. Loopback only; every child is handed out so that it can be stopped.

import type { Child } from '../../functions/local/child.ts'
import { nowOn, type FastClock } from './clock.ts'
import { createClient } from './client.ts'
import { INSTANCES, startEdges } from './edges.ts'
import { startFaultProxy } from './fault-proxy.ts'
import type { PublishedKey } from './lies.ts'
import { createLoad } from './load.ts'
import { residentBytes } from './memory.ts'
import { createRandom, pickToken } from './mix.ts'
import { createServers, type ServerProcess } from './servers.ts'
import { durationMs, phasesFor, speedFor, type Phase } from './schedule.ts'
import { judge, type Answered, type Judged } from './tally.ts'
import { createUnknownKids, obtainGoodTokens, obtainHostileTokens, type DrillToken } from './wallet.ts'

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

export interface PhaseFacts {
  readonly phase: Phase
  /** How long it lasted, in seconds of the fast clock. */
  readonly seconds: number
  /** By instance: documents fetched, and memory in bytes at start and end. */
  readonly fetches: Readonly<Record<string, number>>
  readonly memory: Readonly<Record<string, readonly [start: number | null, end: number | null]>>
}

export interface DrillResult {
  readonly speed: number
  readonly phases: readonly PhaseFacts[]
  readonly judged: readonly Judged[]
  readonly unsent: number
  readonly trapped: number
}

/** A new process is started this long before it is needed. */
const LEAD_MS = 3_000
const MOST_ON_THEIR_WAY = 1_500
/** Tokens are used for a while after they have expired. */
const KEEP_EXPIRED_SECONDS = 120

const perInstance = <T>(of: (instance: (typeof INSTANCES)[number]) => T): Record<string, T> =>
  Object.fromEntries(INSTANCES.map((instance) => [instance, of(instance)]))

/** Whether a phase begins with another process than the one before it ended with. */
const needsServer = (phase: Phase, before: Phase | undefined): boolean =>
  phase.server === 'up' &&
  before !== undefined &&
  (before.server === 'down' || before.publishes !== phase.publishes)

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

    const good: DrillToken[] = []
    let hostile: readonly DrillToken[] = []
    let current: ServerProcess | null = null
    async function mint(server: ServerProcess): Promise<void> {
      try {
        const tokens = [obtainGoodTokens(server), obtainHostileTokens(server, other)] as const
        const [more, others] = await Promise.all(tokens)
        good.push(...more)
        hostile = others
      } catch (error) {
        // A server that has been killed meanwhile issues nothing, and that is the point of it.
        if (server === current) throw error
      }
    }

    const prepared = new Map<number, Promise<ServerProcess>>()
    const starts = planned.map((_, index) =>
      planned.slice(0, index).reduce((sum, phase) => sum + durationMs(phase, speed), 0),
    )
    function prepare(index: number): void {
      const server = servers.prepare(planned[index]!.publishes)
      server.catch(() => {})
      prepared.set(index, server)
    }
    const toPrepare = planned.flatMap((phase, index) =>
      needsServer(phase, planned[index - 1]) ? [index] : [],
    )
    for (const index of toPrepare) if (starts[index]! < LEAD_MS) prepare(index)
    const first = await servers.prepare('first')
    await Promise.all(prepared.values())

    progress('obtaining tokens')
    servers.replace(before)
    good.push(...(await obtainGoodTokens(before)))
    current = first
    servers.replace(first)
    await mint(first)

    // Every process is up before the clock counts; what is opaque is refused without a look at keys.
    const cold = await Promise.all(INSTANCES.map((instance) => client.send(edges[instance], 'opaque')))
    if (cold.some((verdict) => verdict !== 'deny'))
      throw new Error('an edge does not refuse what is no token')

    const answered: Answered[] = []
    let phaseIndex = 0
    let sent = 0
    async function send(): Promise<void> {
      const instance = INSTANCES[sent++ % INSTANCES.length]!
      const fastMs = fastNow()
      const alive = good.filter(({ expiresAt }) => expiresAt + KEEP_EXPIRED_SECONDS > fastMs / 1000)
      const wallet = { good: alive.length > 0 ? alive : good, hostile }
      const { bursts } = planned[phaseIndex]!
      const picked = pickToken(wallet, { bursts, fastMs }, random)
      const token = picked === 'unknown kid' ? await unknownKid(good.at(-1)!) : picked
      const { text, ...facts } = token
      const phase = phaseIndex
      const sentAt = Date.now()
      const verdict = await client.send(edges[instance], text)
      answered.push({ ...facts, instance, phase, verdict, sentAt, answeredAt: Date.now() })
    }

    async function enter(index: number): Promise<void> {
      const phase = planned[index]!
      proxy.setLie(phase.lie)
      if (phase.server === 'down') {
        current = null
        return servers.kill()
      }
      const next = prepared.get(index)
      if (next !== undefined) {
        current = await next
        servers.replace(current)
      }
      if (phase.lie === undefined && current !== null) await mint(current)
    }

    const entering: Promise<unknown>[] = []
    const trouble: unknown[] = []
    const load = createLoad(rate, MOST_ON_THEIR_WAY, send)
    const phases: PhaseFacts[] = []
    const startedAt = Date.now()
    const timers = toPrepare
      .filter((index) => !prepared.has(index))
      .map((index) => setTimeout(() => prepare(index), starts[index]! - LEAD_MS))
    for (const [index, phase] of planned.entries()) {
      phaseIndex = index
      const endsAt = startedAt + starts[index]! + durationMs(phase, speed)
      const at = Math.round((Date.now() - startedAt) / 1000)
      progress(`${String(at).padStart(4)} s  ${phase.name}`)
      const enteredAt = fastNow()
      const fetched = perInstance((instance) => proxy.fetches(instance))
      const memory = perInstance((instance) => residentBytes(edges[instance].pid()))
      entering.push(enter(index).catch((error: unknown) => trouble.push(error)))
      await load.driveUntil(endsAt)
      phases.push({
        phase,
        seconds: (fastNow() - enteredAt) / 1000,
        fetches: perInstance((instance) => proxy.fetches(instance) - fetched[instance]!),
        memory: perInstance((instance) => [memory[instance]!, residentBytes(edges[instance].pid())]),
      })
    }
    for (const timer of timers) clearTimeout(timer)
    progress('waiting for the last answers')
    await Promise.all([load.settle(), ...entering])
    if (trouble.length > 0) throw trouble[0]
    const judged = answered.map((one) => judge(one, proxy.attempts(one.instance), clock))
    return { speed, phases, judged, unsent: load.unsent(), trapped: proxy.trapped() }
  } finally {
    client.close()
    await proxy.close()
  }
}
