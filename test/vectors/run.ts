// `npm run test:vectors -- DIR`: third-party test data against our code. The data is not part of this project, so this
// is not part of `npm test`.

import { join } from 'node:path'
import { paint } from '../../cli/table.ts'
import { readOptions } from './options.ts'
import { runSuite } from './run-suite.ts'
import { SUITES } from './suites.ts'
import { summarise } from './summary.ts'
import type { Tally } from './tally.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)
const progress = (text: string): void => say(paint('dim', `- ${text}`))

const options = readOptions(
  process.argv.slice(2),
  SUITES.map(({ folder }) => folder),
)
if ('text' in options) {
  ;(options.exitCode === 0 ? process.stdout : process.stderr).write(`${options.text}\n`)
  process.exit(options.exitCode)
}

for (const name of options.skipped) progress(`${name}: skipped, no suite of that name is known here`)
for (const name of options.missing) progress(`${name}: missing from ${options.directory}`)
const tallies: Tally[] = []
for (const suite of SUITES.filter(({ folder }) => options.present.includes(folder)))
  tallies.push(...(await runSuite(suite, join(options.directory, suite.folder), progress)))
say(`\n${summarise(tallies)}`)
process.exit(tallies.some(({ wrong }) => wrong.length > 0) ? 1 : 0)
