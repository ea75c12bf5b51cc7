// How contestants are timed: first all of them warm up, then they take turns in rounds, each round in another order.
// The garbage of one contestant is not collected in the time of another.

import { setFlagsFromString } from 'node:v8'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import type { Samples } from './result.ts'
import { orderOf } from './statistics.ts'

setFlagsFromString('--expose-gc')
export const collect = runInNewContext('gc') as () => void

export interface Runner<Material> {
  readonly name: string
  /** One sample, in the unit of the group. All contestants of a round get the same material. */
  measure(material: Material): Promise<number>
}

export interface Effort {
  readonly rounds: number
  /** Rounds before the first that counts. */
  readonly warmUp: number
}

/** Runs every contestant in every round. `onRound` is called with the progress. */
export async function takeTurns<Material>(
  runners: readonly Runner<Material>[],
  { rounds, warmUp }: Effort,
  prepare: (round: number) => Promise<Material>,
  onRound: (text: string) => void,
): Promise<Samples[]> {
  const samples = new Map<string, number[]>(runners.map(({ name }) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    onRound(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`)
    const material = await prepare(round)
    for (const { name, measure } of orderOf(runners, round + warmUp)) {
      collect()
      // Contestants that answer synchronously never let the event loop run, and timers would be set by a clock that
      // stands still.
      await nextTurn()
      const sample = await measure(material)
      if (round >= 0) samples.get(name)!.push(sample)
    }
  }
  return runners.map(({ name }) => ({ name, samples: samples.get(name)! }))
}

/** A contestant refused a good token. The run is worth nothing. */
export class WrongVerdict extends Error {
  constructor(name: string, count: number) {
    super(`${name} refused ${count} good tokens while it was timed: this run is worth nothing.`)
  }
}

/**
 * The share of a lap's inputs that runs before the clock starts, because each lap begins with the processor's caches
 * full of other data.
 */
export const LEAD_IN = 0.2

/** Inputs per second, with `atOnce` of them in flight. Synchronous answers are not awaited. */
export async function lap<Input>(
  name: string,
  inputs: readonly Input[],
  atOnce: number,
  run: (input: Input) => boolean | Promise<boolean>,
): Promise<number> {
  let next = 0
  let wrong = 0
  async function work(end: number): Promise<void> {
    while (next < end) {
      const verdict = run(inputs[next++]!)
      if ((verdict instanceof Promise ? await verdict : verdict) !== true) wrong++
    }
  }
  const workUntil = (end: number) =>
    atOnce === 1 ? work(end) : Promise.all(Array.from({ length: atOnce }, () => work(end)))
  const first = Math.floor(inputs.length * LEAD_IN)
  await workUntil(first)
  const startedAt = performance.now()
  await workUntil(inputs.length)
  const seconds = (performance.now() - startedAt) / 1000
  if (wrong > 0) throw new WrongVerdict(name, wrong)
  return (inputs.length - first) / seconds
}

/** Requests between two readings of the clock. */
const STRIDE = 32

/** Inputs per second, one at a time, repeating the inputs for at least the given milliseconds. */
export async function lapFor<Input>(
  name: string,
  inputs: readonly Input[],
  ms: number,
  run: (input: Input) => boolean | Promise<boolean>,
): Promise<number> {
  let done = 0
  let wrong = 0
  const startedAt = performance.now()
  let elapsed = 0
  while (elapsed < ms) {
    for (let at = 0; at < STRIDE; at++) {
      const verdict = run(inputs[done++ % inputs.length]!)
      if ((verdict instanceof Promise ? await verdict : verdict) !== true) wrong++
    }
    elapsed = performance.now() - startedAt
  }
  if (wrong > 0) throw new WrongVerdict(name, wrong)
  return (done * 1000) / elapsed
}

/**
 * Microseconds of CPU time of each of `count` runs, one at a time, repeating the inputs: on a busy machine they are
 * steadier than time. All threads of the process count.
 */
export async function cpuTimeFor<Input>(
  name: string,
  inputs: readonly Input[],
  count: number,
  run: (input: Input) => boolean | Promise<boolean>,
): Promise<number> {
  let next = 0
  let wrong = 0
  async function work(times: number): Promise<void> {
    for (const end = next + times; next < end; next++)
      if (!(await run(inputs[next % inputs.length]!))) wrong++
  }
  await work(Math.floor(count * LEAD_IN))
  const before = process.cpuUsage()
  await work(count)
  const { user, system } = process.cpuUsage(before)
  if (wrong > 0) throw new WrongVerdict(name, wrong)
  return (user + system) / count
}
