// How long a decision takes without its signature: directly after another decision, and after other code has used the
// caches of the processor, as the rest of a server does between two requests.

import { webCrypto } from '../../shared/index.ts'
import { configFor, createDecide, withoutCache } from '../contestants/ours.ts'
import type { Bench } from '../row.ts'
import { freshString } from '../rows/unseen.ts'
import { median } from '../statistics.ts'

const TOKENS = 4_000
const ROUNDS = 9
const WARM_UP = 4

/**
 * More than the private caches of one core of a usual server, so that everything has to come from a cache that the
 * cores share.
 */
const BETWEEN_BYTES = 2 * 1024 * 1024
const LINE_BYTES = 64

export interface DecisionTimes {
  /** Microseconds. */
  readonly afterAnother: number
  readonly afterOthers: number
  readonly betweenBytes: number
}

export async function timeWithoutSignature({ world, progress }: Bench): Promise<DecisionTimes> {
  progress(`signing ${TOKENS} tokens`)
  const fields = (await world.tokens('RS256', TOKENS)).map((token) => Buffer.from(`Bearer ${token}`))
  // Every round uses the same tokens, and none of them may be cached.
  const config = withoutCache(configFor(world, ['RS256']))!
  const decide = createDecide(config, { crypto: { ...webCrypto, verify: () => true } })
  const between = new Uint8Array(BETWEEN_BYTES)
  const displace = () => {
    for (let at = 0; at < between.length; at += LINE_BYTES) between[at]!++
  }

  async function round(isDisplaced: boolean, isDecided: boolean): Promise<number> {
    const texts = fields.map(freshString)
    const startedAt = performance.now()
    for (const text of texts) {
      if (isDisplaced) displace()
      if (isDecided) await decide(text)
    }
    return ((performance.now() - startedAt) * 1000) / texts.length
  }

  const afterAnother: number[] = []
  const afterOthers: number[] = []
  for (let at = -WARM_UP; at < ROUNDS; at++) {
    progress(at < 0 ? 'warming up' : `decisions without their signatures, round ${at + 1} of ${ROUNDS}`)
    const alone = await round(false, true)
    const others = await round(true, false)
    const both = await round(true, true)
    if (at < 0) continue
    afterAnother.push(alone)
    afterOthers.push(both - others)
  }
  return {
    afterAnother: median(afterAnother),
    afterOthers: median(afterOthers),
    betweenBytes: BETWEEN_BYTES,
  }
}
