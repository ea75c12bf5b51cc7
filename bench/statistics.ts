// Medians, quartiles and ratios: the arithmetic of the bench, and none of its clocks. A ratio is formed within one
// round, where both sides met the same machine, and only then is the median taken.

/** The middle of some samples and how far they spread. */
export interface Spread {
  readonly median: number
  /** A quarter of the samples is at most this. */
  readonly q1: number
  /** Three quarters are. */
  readonly q3: number
}

/** The value that the part `part` of the samples does not exceed, between two samples in proportion. */
export function quantile(samples: readonly number[], part: number): number {
  if (samples.length === 0) throw new RangeError('there is no quantile of no samples')
  const sorted = samples.toSorted((a, b) => a - b)
  const place = (sorted.length - 1) * part
  const [below, above] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
  return below + (above - below) * (place - Math.floor(place))
}

export const median = (samples: readonly number[]): number => quantile(samples, 0.5)

export const spreadOf = (samples: readonly number[]): Spread => ({
  median: median(samples),
  q1: quantile(samples, 0.25),
  q3: quantile(samples, 0.75),
})

/** Round by round. Both must have been in every round. */
export function ratiosOf(samples: readonly number[], reference: readonly number[]): number[] {
  if (samples.length !== reference.length) throw new RangeError('a ratio needs both sides of every round')
  return samples.map((sample, round) => sample / reference[round]!)
}

/**
 * Who comes after whom in a round. Over twice as many rounds as there are items, each has come right after each other
 * one twice, and at each place twice: nobody always meets what the same neighbour left behind. A Williams design, read
 * forwards and backwards (E. J. Williams, 1949).
 */
export function orderOf<Item>(items: readonly Item[], round: number): Item[] {
  const { length } = items
  const shift = Math.floor(round / 2)
  const order = items.map((_, place) => {
    const step = place % 2 === 0 ? place / 2 : length - (place + 1) / 2
    return items[(step + shift) % length]!
  })
  return round % 2 === 0 ? order : order.reverse()
}
