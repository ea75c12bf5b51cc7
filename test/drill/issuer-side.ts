// The issuer's side of the drill: which process the proxy forwards to in each phase, which lie the proxy tells, and the
// tokens that were obtained while a server was up.

import type { FaultProxy } from './fault-proxy.ts'
import type { Wallet } from './mix.ts'
import type { Phase } from './schedule.ts'
import type { ServerProcess, Servers } from './servers.ts'
import { obtainGoodTokens, obtainHostileTokens, type DrillToken } from './wallet.ts'

export interface IssuerSide {
  /** Starts the phases: processes are started ahead of the phases that need them. */
  begin(): void
  /**
   * Sets up the server and the lie of a phase. Resolves when both are in place, with new tokens if the phase issues
   * any.
   */
  enter(index: number): Promise<void>
  /** Tokens to send at a time of the fast clock. */
  walletAt(fastMs: number): Wallet
}

interface IssuerSideOptions {
  readonly proxy: FaultProxy
  readonly servers: Servers
  /** Signs with a key that is the older one of the first phase. */
  readonly before: ServerProcess
  readonly other: ServerProcess
  readonly planned: readonly Phase[]
  /** Planned real milliseconds from the start of the drill to each phase. */
  readonly starts: readonly number[]
}

/** A new process is started this long before it is needed. */
const LEAD_MS = 3_000
/** Tokens are still sent for a while after they have expired. */
const KEEP_EXPIRED_SECONDS = 120

/** Whether a phase needs another process than the one that the phase before it ended with. */
const needsServer = (phase: Phase, before: Phase | undefined): boolean =>
  phase.server === 'up' &&
  before !== undefined &&
  (before.server === 'down' || before.publishes !== phase.publishes)

export async function createIssuerSide(options: IssuerSideOptions): Promise<IssuerSide> {
  const { proxy, servers, before, other, planned, starts } = options
  const good: DrillToken[] = []
  let hostile: readonly DrillToken[] = []
  let current = before

  async function mint(): Promise<void> {
    const tokens = [obtainGoodTokens(current), obtainHostileTokens(current, other)] as const
    const [more, others] = await Promise.all(tokens)
    good.push(...more)
    hostile = others
  }

  function put(server: ServerProcess): Promise<void> {
    current = server
    servers.replace(server)
    return mint()
  }

  const prepared = new Map<number, Promise<ServerProcess>>()
  function prepare(index: number): void {
    const server = servers.prepare(planned[index]!.publishes)
    server.catch(() => {})
    prepared.set(index, server)
  }
  const toPrepare = planned.flatMap((phase, index) => (needsServer(phase, planned[index - 1]) ? [index] : []))

  for (const index of toPrepare) if (starts[index]! < LEAD_MS) prepare(index)
  const first = await servers.prepare('first')
  await Promise.all(prepared.values())
  servers.replace(before)
  good.push(...(await obtainGoodTokens(before)))
  await put(first)

  return {
    begin() {
      for (const index of toPrepare)
        if (!prepared.has(index)) setTimeout(() => prepare(index), starts[index]! - LEAD_MS)
    },
    async enter(index) {
      const phase = planned[index]!
      proxy.setLie(phase.lie)
      if (phase.server === 'down') return servers.kill()
      const next = await prepared.get(index)
      if (next !== undefined) return put(next)
      if (phase.lie === undefined) return mint()
    },
    walletAt(fastMs) {
      const alive = good.filter(({ expiresAt }) => expiresAt + KEEP_EXPIRED_SECONDS > fastMs / 1000)
      return { good: alive.length > 0 ? alive : good, hostile }
    },
  }
}
