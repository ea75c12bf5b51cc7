// Medians, quartiles and ratios: arithmetic without clocks. A ratio is formed within one round, in which both sides ran
// on the machine in the same state; the median is taken afterwards.

/** The median and the quartiles of some samples. */
export interface Spread {
  readonly median: number
  /** A quarter of the samples is at most this value. */
  readonly q1: number
  /** Three quarters of the samples are at most this value. */
  readonly q3: number
}

/** The quantile at `part` (0 to 1), interpolated linearly between two samples. */
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

/** The ratios, round by round. Both contestants must have run in every round. */
export function ratiosOf(samples: readonly number[], reference: readonly number[]): number[] {
  if (samples.length !== reference.length) throw new RangeError('a ratio needs both sides of every round')
  return samples.map((sample, round) => sample / reference[round]!)
}

/**
 * The order of the items in each round. Over twice as many rounds as there are items, each item follows each other one
 * twice, and comes twice at each position, so that no item is always influenced by the same predecessor. A Williams
 * design, read forwards and backwards (E. J. Williams, 1949).
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
