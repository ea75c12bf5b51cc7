// Whether a decision takes longer as something grows: the same decisions at several sizes, in turns, once with the
// token cached (which shows the other costs best) and once verified anew.

import { compare, ratioOf, type Group, type Samples, type Target } from '../result.ts'
import { lapFor, takeTurns } from '../rounds.ts'
import type { Bench } from '../row.ts'
import { median } from '../statistics.ts'

const EFFORT = {
  quick: { rounds: 7, warmUp: 2, ms: 30 },
  full: { rounds: 61, warmUp: 4, ms: 120 },
} as const

const FLAT_WITHIN = 1.5

export interface Sized<Input> {
  readonly name: string
  readonly inputs: readonly Input[]
  readonly decide: (input: Input) => Promise<boolean>
}

/** Microseconds for a decision at each size; the first size is the reference. */
export async function timeSizes<Input>(
  title: string,
  sizes: readonly Sized<Input>[],
  { quick, progress }: Bench,
): Promise<Group> {
  const { ms, ...effort } = EFFORT[quick ? 'quick' : 'full']
  const contestants: Samples[] = await takeTurns(
    sizes.map(({ name, inputs, decide }) => ({
      name,
      measure: async () => 1e6 / (await lapFor(name, inputs, ms, decide)),
    })),
    effort,
    async () => null,
    (text) => progress(`${title}: ${text}`),
  )
  return { title, unit: 'µs', reference: sizes[0]!.name, contestants }
}

/** The size with the worst ratio, over several groups. */
export function flatTarget(what: string, groups: readonly Group[]): Target {
  const all = groups.flatMap((group) =>
    group.contestants.slice(1).map(({ name }) => ({ group, name, reference: group.reference! })),
  )
  const at = ({ group, name, reference }: (typeof all)[number]) => median(compare(group, name, reference))
  const worst = all.toSorted((a, b) => at(b) - at(a))[0]!
  return {
    what: `${what} (worst: ${worst.name}, ${worst.group.title})`,
    bound: { most: FLAT_WITHIN },
    unit: '×',
    reached: ratioOf(worst.group, worst.name, worst.reference),
  }
}
