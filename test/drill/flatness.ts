// Whether memory stays flat while tokens pass, stated as a rule, so that tests can show that it catches a leak. Pure
// functions.
//
// The memory of a warm process rises and falls with every collection. A leak lifts the lowest points. So the second
// half of the samples is cut into tenths, the lowest sample of each is kept, and a straight line (least squares) is
// fitted to them. Memory is flat if over that half the line rises by no more than MOST_BYTES_PER_TOKEN for each token
// of it, or by no more than an allowance for noise in a short run.

export interface Sample {
  /** Number of tokens that have passed. */
  readonly tokens: number
  readonly bytes: number
}

/** The smallest trace of a token that a program could keep is an entry in a Map, which takes more. */
export const MOST_BYTES_PER_TOKEN = 16

const TENTHS = 10
const LEAST_SAMPLES = 20

/** The lowest sample of each tenth of the second half. */
function floorOf(samples: readonly Sample[]): Sample[] {
  const half = samples.slice(Math.floor(samples.length / 2))
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const part = half.slice(
      Math.floor((tenth * half.length) / TENTHS),
      Math.floor(((tenth + 1) * half.length) / TENTHS),
    )
    return part.reduce((lowest, sample) => (sample.bytes < lowest.bytes ? sample : lowest))
  })
}

/** Slope of the least-squares line, in bytes per token. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number) =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length
  const tokens = mean((sample) => sample.tokens)
  const bytes = mean((sample) => sample.bytes)
  const across = mean((sample) => (sample.tokens - tokens) * (sample.bytes - bytes))
  return across / mean((sample) => (sample.tokens - tokens) ** 2)
}

export interface Flatness {
  readonly bytesPerToken: number
  /** The rise of the line over the second half, in bytes, and its upper bound. */
  readonly rise: number
  readonly bound: number
  readonly isFlat: boolean
}

/** @throws {Error} if there are too few samples for a result. */
export function flatnessOf(samples: readonly Sample[], allowanceBytes: number): Flatness {
  if (samples.length < LEAST_SAMPLES) throw new Error(`${samples.length} samples are too few to tell`)
  const floor = floorOf(samples)
  const tokens = samples.at(-1)!.tokens - samples[Math.floor(samples.length / 2)]!.tokens
  const bytesPerToken = slopeOf(floor)
  const rise = bytesPerToken * tokens
  const bound = Math.max(allowanceBytes, MOST_BYTES_PER_TOKEN * tokens)
  return { bytesPerToken, rise, bound, isFlat: rise <= bound }
}
