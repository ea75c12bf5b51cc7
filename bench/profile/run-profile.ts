// `npm run bench -- --profile ROW`: where the time of a row goes, or of what a bundle is made. Measures nothing.

import { layOut, paint } from '../../functions/local/table.ts'
import { inBench } from '../in-bench.ts'
import { figure } from '../present.ts'
import { endProgress } from '../progress.ts'
import { titleOf, type RowName } from '../rows.ts'
import { summarize, type SelfTime } from './profile.ts'
import { readInputs } from './inputs.ts'
import { WATCHES } from './workloads.ts'

const SHOWN = 25

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

/** Watches ours alone and prints the functions and modules that took the most time themselves. */
export async function runProfile(row: RowName): Promise<void> {
  await inBench(false, async (benchFor) => {
    const bench = benchFor(row)
    bench.progress('running ours alone')
    if (row === 'bundle') {
      const all = await readInputs(bench.directory)
      endProgress()
      for (const { bundle, inputs } of all) say(`${present(`source in the ${bundle}`, 'bytes', inputs, 0)}\n`)
      return
    }
    const { functions, modules } = summarize(await WATCHES[row](bench))
    endProgress()
    say(`${paint('bold', `${row}: ${titleOf(row)}`)}, ours alone; the time of each function itself\n`)
    say(`${present('function', 'ms', functions, 1)}\n`)
    say(present('module', 'ms', modules, 1))
  })
  process.exit(0)
}
