// `npm run bench -- --profile ROW`: where the time of a row goes, or what a bundle consists of. It measures nothing.

import { Stop } from '../../cli/stop.ts'
import { layOut, paint } from '../../cli/table.ts'
import { inBench } from '../in-bench.ts'
import { figure } from '../present.ts'
import { endProgress } from '../progress.ts'
import { titleOf, type RowName } from '../rows.ts'
import { timeWithoutSignature } from './caches.ts'
import { summarize, type SelfTime } from './profile.ts'
import { readInputs } from './inputs.ts'
import { PROFILERS } from './workloads.ts'

const SHOWN = 25

/** Rows whose tokens are all new. */
const WITH_NEW_TOKENS: readonly RowName[] = ['unseen', 'worker-unseen']

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const present = (title: string, unit: string, rows: readonly SelfTime[], digits: number): string =>
  layOut(
    ['share', unit, title],
    rows
      .slice(0, SHOWN)
      .map(({ name, ms, share }) => [
        `${figure(share * 100, 1)} %`.padStart(6),
        figure(ms, digits).padStart(8),
        name,
      ]),
  )

/**
 * Profiles our contestant alone and prints the functions and modules with the longest self time.
 *
 * @throws {Stop} for a row without a profile.
 */
export async function runProfile(row: RowName): Promise<void> {
  if (row === 'worker-start')
    throw new Stop('worker-start has no profile: the profiler of workerd begins after the start.', 2)
  await inBench(false, async (benchFor) => {
    const bench = benchFor(row)
    bench.progress('running ours alone')
    if (row === 'bundle') {
      const all = await readInputs(bench)
      endProgress()
      for (const { artefact, inputs } of all)
        say(`${present(`source in the ${artefact}`, 'bytes', inputs, 0)}\n`)
      return
    }
    const { functions, modules } = summarize(await PROFILERS[row](bench))
    const times = WITH_NEW_TOKENS.includes(row) ? await timeWithoutSignature(bench) : null
    endProgress()
    say(`${paint('bold', `${row}: ${titleOf(row)}`)}, ours alone; the time of each function itself\n`)
    say(`${present('function', 'ms', functions, 1)}\n`)
    say(present('module', 'ms', modules, 1))
    if (times === null) return
    const { afterAnother, afterOthers, betweenBytes } = times
    say(
      `\nOn Node, a decision without its signature takes ${figure(afterAnother, 1)} µs when it follows another one,`,
    )
    say(
      `and ${figure(afterOthers, 1)} µs when ${betweenBytes / 1024 / 1024} MB of other data have gone through the caches in between.`,
    )
  })
  process.exit(0)
}
