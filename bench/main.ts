// The run: one row after the other, then the results as a table and as one file.

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { paint } from '../cli/table.ts'
import { readMachine, readVersions } from './machine.ts'
import type { Options } from './options.ts'
import { figure, presentRow, presentTargets } from './present.ts'
import { SIGNALS } from './in-bench.ts'
import { writeReadme } from './readme.ts'
import type { RowResult } from './result.ts'
import { ROW_NAMES, type RowName } from './rows.ts'

const RESULTS = join(import.meta.dirname, 'results/latest.json')

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** The command that gives these results. */
const commandOf = ({ quick, rows }: Options): string => {
  const only = rows.length === ROW_NAMES.length ? [] : rows.map((row) => `--only ${row}`)
  const flags = [...(quick ? ['--quick'] : []), ...only]
  return ['npm run bench', ...(flags.length === 0 ? [] : ['--', ...flags])].join(' ')
}

/** Runs a row in a process of its own. A row that fails has printed why, and this process ends with its exit code. */
async function runRow(row: RowName, quick: boolean): Promise<RowResult> {
  const child = fork(new URL('./row-process.ts', import.meta.url), [row, quick ? 'quick' : 'full'], {
    serialization: 'advanced',
  })
  const stop = () => void (child.connected && child.disconnect())
  for (const signal of SIGNALS) process.on(signal, stop)
  let result: RowResult | undefined
  child.once('message', (message) => (result = message as RowResult))
  const [exitCode] = (await once(child, 'exit')) as [number | null]
  for (const signal of SIGNALS) process.off(signal, stop)
  return result ?? process.exit(exitCode ?? 1)
}

/** Ends with an error if a contestant gives a wrong verdict. A missed target is a result, not an error. */
export async function runBench(options: Options): Promise<void> {
  if (options.profile !== null) {
    const { runProfile } = await import('./profile/run-profile.ts')
    return runProfile(options.profile)
  }
  const about = {
    date: new Date().toISOString(),
    command: commandOf(options),
    versions: readVersions(),
    machine: readMachine(),
  }
  const { node, workerd, peers } = about.versions
  const list = Object.entries({ node, workerd, ...peers }).map(([name, version]) => `${name} ${version}`)
  say(`${about.command}, ${about.date}`)
  say(`${about.machine.cpu}, ${about.machine.cores} cores, load ${about.machine.load}; ${list.join(', ')}\n`)

  const startedAt = performance.now()
  const results: RowResult[] = []
  for (const row of options.rows) {
    const begunAt = performance.now()
    const result = await runRow(row, options.quick)
    const taken = Math.round((performance.now() - begunAt) / 1000)
    results.push(result)
    say(`${presentRow(result)}\n\n${paint('dim', `${row} took ${taken} seconds.`)}\n`)
  }
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  say(paint('bold', 'What was to be reached'))
  say(`${presentTargets(results)}\n`)

  const file = resolve(options.json ?? RESULTS)
  await mkdir(dirname(file), { recursive: true })
  const all = { ...about, seconds, loadAtEnd: readMachine().load, results }
  await writeFile(file, `${JSON.stringify(all, null, 2)}\n`)
  say(`${figure(seconds)} seconds. Everything that was measured: ${file}`)
  if (options.updateReadme) say(`The table is in ${await writeReadme(all)}.`)
}
