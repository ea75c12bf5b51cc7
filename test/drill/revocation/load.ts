// The load of one instance: tokens that are never revoked, known and new ones, tokens that are about to be refused,
// asked about again and again, and tokens that were refused. It notes what the oracle needs of each answer.

import { setTimeout as sleep } from 'node:timers/promises'
import type { Edge, Running, Verdict } from './edges.ts'
import type { Answered, Written } from './oracle.ts'
import type { Token } from './tokens.ts'

/** A token in the load. */
export interface Loaded {
  readonly token: Token
  /** What was written about it, by the edge whose store it is in. `null`: it is never revoked. */
  readonly written: Readonly<Record<Edge, Written>> | null
}

export interface AnsweredLoad extends Answered {
  readonly phase: number
  readonly number: number
  /** What came in place of a verdict. */
  readonly detail?: string
}

export interface InstanceLoad {
  /** Asks about a token, out of turn. */
  ask(loaded: Loaded): Promise<Verdict>
  /** Asks again and again until the token is refused. */
  watch(loaded: Loaded): void
  /** The tokens that are watched. */
  watched(): number
  readonly answered: readonly AnsweredLoad[]
  /** When each token was first refused, by its number. */
  readonly refused: ReadonlyMap<number, number>
  /** Requests that were due and not sent, because the instance was busy. */
  unsent(): number
  /** Ends when `isOver` does, and resolves with the last answer. */
  run(isOver: () => boolean): Promise<void>
}

export interface LoadOptions {
  readonly edge: Edge
  readonly running: Running
  /** Requests on their way at once. A Lambda sandbox takes one. */
  readonly atOnce: number
  /** A watched token is asked about so often, in milliseconds. */
  readonly watchMs: number
  /** Requests a second, besides those about watched tokens. */
  readonly rate: number
  readonly good: readonly Loaded[]
  readonly fresh: () => Loaded
  readonly random: () => number
  readonly phase: () => number
  /** Whether the store of the edge is broken, as far as the driver knows. */
  readonly isBroken: () => boolean
}

const TICK_MS = 5
/** Of the requests that are not about watched tokens: about a new token, and about a refused one. */
const FRESH_SHARE = 0.04
const REFUSED_SHARE = 0.3
/** Tokens that were refused and are asked about still: few enough to be in the memory of an instance. */
const REFUSED_TOKENS = 10

export function createInstanceLoad(options: LoadOptions): InstanceLoad {
  const { edge, running, atOnce, watchMs, rate, good, fresh, random, phase, isBroken } = options
  const answered: AnsweredLoad[] = []
  const refused = new Map<number, number>()
  const known = new Map<number, number>()
  const old: Loaded[] = []
  const watching = new Map<Loaded, number>()
  let dueAt = Date.now()
  let unsent = 0
  let turn = 0

  async function ask(loaded: Loaded): Promise<Verdict> {
    const { token, written } = loaded
    const { number } = token
    const before = {
      refusedAt: refused.get(number) ?? null,
      knownAt: known.get(number) ?? null,
      phase: phase(),
    }
    const sentAt = Date.now()
    const { verdict, detail } = await running.ask(token.text)
    const answeredAt = Date.now()
    answered.push({
      ...before,
      number,
      written: written?.[edge] ?? null,
      verdict,
      sentAt,
      answeredAt,
      ...(detail !== undefined && { detail }),
    })
    if (verdict === 'revoked' && !refused.has(number)) {
      refused.set(number, answeredAt)
      old.push(loaded)
      if (old.length > REFUSED_TOKENS) old.shift()
    }
    if (!isBroken() && (verdict === 'allow' || verdict === 'revoked')) known.set(number, answeredAt)
    if (verdict === 'revoked') watching.delete(loaded)
    return verdict
  }

  function pickWatched(now: number): Loaded | null {
    for (const [loaded, at] of watching) {
      if (at > now) continue
      // Asked about last, so that each has its turn.
      watching.delete(loaded)
      watching.set(loaded, now + watchMs)
      return loaded
    }
    return null
  }

  function pickOther(now: number): Loaded | null {
    if (dueAt > now) return null
    const late = Math.floor(((now - dueAt) * rate) / 1000)
    // What a busy instance could not take is not sent later.
    const skipped = Math.max(0, late - Math.ceil(rate))
    unsent += skipped
    dueAt += ((1 + skipped) * 1000) / rate
    const place = random()
    if (place < FRESH_SHARE) return fresh()
    if (place < FRESH_SHARE + REFUSED_SHARE && old.length > 0) return old[Math.floor(random() * old.length)]!
    return good[turn++ % good.length]!
  }

  async function lane(isOver: () => boolean): Promise<void> {
    let takesWatched = true
    while (!isOver()) {
      const now = Date.now()
      takesWatched = !takesWatched
      const loaded = takesWatched
        ? (pickWatched(now) ?? pickOther(now))
        : (pickOther(now) ?? pickWatched(now))
      if (loaded === null) await sleep(TICK_MS)
      else await ask(loaded)
    }
  }

  return {
    ask,
    watch: (loaded) => void watching.set(loaded, 0),
    watched: () => watching.size,
    answered,
    refused,
    unsent: () => unsent,
    async run(isOver) {
      dueAt = Date.now()
      await Promise.all(Array.from({ length: atOnce }, () => lane(isOver)))
    },
  }
}
