// Pairs of uses of one proof, at the same time, through two instances that share a store. Of each pair exactly one
// passes on a route with `replay: 'strong'`. RFC 9449 section 11.1. A pair with a 503 says nothing, and another one
// takes its place.

import type { Answer } from './answer.ts'
import { goodRequest, type DpopClient } from './clients.ts'
import { STRONG } from './config.ts'
import type { Ask } from './edges.ts'
import { createTenths, inLanes } from './lanes.ts'
import { judge, REPLAYED } from './oracle.ts'

export interface PairFigures {
  readonly exactlyOne: number
  readonly none: number
  readonly both: number
  /** Pairs with an answer that is neither an allow nor a refusal because of a use before. */
  readonly other: number
  /** Pairs with a 503, in whose place others were sent. */
  readonly repeated: number
  /** How often the first instance was the one that allowed, and the second. */
  readonly allowedBy: readonly [number, number]
  readonly seconds: number
}

export type PairOutcome = 'first' | 'second' | 'none' | 'both' | 'other' | 'unavailable'

export function outcomeOf(first: Answer, second: Answer): PairOutcome {
  const answers = [first, second]
  const allows = answers.filter(({ verdict }) => verdict === 'allow').length
  if (allows === 2) return 'both'
  if (answers.some(({ verdict }) => verdict === 'unavailable')) return 'unavailable'
  if (!answers.every((answer) => answer.verdict === 'allow' || judge(REPLAYED, answer) === 'right'))
    return 'other'
  if (allows === 0) return 'none'
  return first.verdict === 'allow' ? 'first' : 'second'
}

/** The store is out of order if so many pairs have a 503 for each that has none. */
const MOST_REPEATED = 5

export interface PairOptions {
  readonly pairs: number
  /** Pairs on their way at once. */
  readonly atOnce: number
  readonly first: Ask
  readonly second: Ask
  readonly clients: readonly DpopClient[]
  readonly progress: (done: number) => void
}

export async function runPairs(options: PairOptions): Promise<PairFigures> {
  const { pairs, atOnce, first, second, clients, progress } = options
  const counts: Record<PairOutcome, number> = {
    ...{ first: 0, second: 0, none: 0, both: 0, other: 0, unavailable: 0 },
  }
  const tick = createTenths(pairs, progress)
  const startedAt = performance.now()

  /** Each instance is asked first in every other pair. */
  async function sendOne(number: number): Promise<PairOutcome> {
    const sent = goodRequest(clients[number % clients.length]!, STRONG)
    const isTurned = number % 2 === 1
    const [one, other] = await Promise.all(
      isTurned ? [second(sent), first(sent)] : [first(sent), second(sent)],
    )
    return isTurned ? outcomeOf(other, one) : outcomeOf(one, other)
  }

  await inLanes(pairs, atOnce, async (number) => {
    let outcome = await sendOne(number)
    while (outcome === 'unavailable' && counts.unavailable < pairs * MOST_REPEATED) {
      counts.unavailable++
      outcome = await sendOne(number)
    }
    // Of a pair that could not be repeated no more is known than of one without an answer.
    counts[outcome === 'unavailable' ? 'other' : outcome]++
    tick()
  })
  const { first: byFirst, second: bySecond, unavailable, ...rest } = counts
  return {
    ...rest,
    exactlyOne: byFirst + bySecond,
    repeated: unavailable,
    allowedBy: [byFirst, bySecond],
    seconds: (performance.now() - startedAt) / 1000,
  }
}
