// `npm run fuzz`: every property with the requested number of inputs, and a table of the outcomes. It stops a property
// at its first failure, prints that as a row for kept.ts and goes on with the next property.

import { parseArgs } from 'node:util'
import { layOut, paint } from '../../cli/table.ts'
import { createFuzzFixture } from './fixture.ts'
import { PROPERTIES } from './properties/index.ts'
import { runProperty, type PropertyFailure } from './run-property.ts'

const DEFAULT_RUNS = 10_000 * PROPERTIES.length

const HELP = `npm run fuzz -- [--runs N] [--seed N] [--only NAME]

  --runs N      inputs in all, shared out evenly (default ${DEFAULT_RUNS})
  --seed N      repeats a run (default: chosen and printed)
  --only NAME   one property: ${PROPERTIES.map(({ name }) => `"${name}"`).join(', ')}
  --help        this text`

const fail = (message: string, exitCode: number): never => {
  process.stderr.write(`${message}\n`)
  process.exit(exitCode)
}

function readOptions(args: readonly string[]) {
  let values
  try {
    const text = { type: 'string' } as const
    const options = { runs: text, seed: text, only: text, help: { type: 'boolean' } } as const
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    return fail(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`, 2)
  }
  if (values.help === true) {
    process.stdout.write(`${HELP}\n`)
    process.exit(0)
  }
  const whole = (name: string, text: string | undefined, fallback: number, least: number) => {
    const number = text === undefined ? fallback : Number(text)
    const fits = Number.isInteger(number) && number >= least && number <= 2 ** 31 - 1
    return fits ? number : fail(`--${name} must be a whole number of at least ${least}, not "${text}".`, 2)
  }
  const properties = PROPERTIES.filter(({ name }) => values.only === undefined || name === values.only)
  if (properties.length === 0) fail(`--only names no property: "${values.only}".\n\n${HELP}`, 2)
  return {
    runs: whole('runs', values.runs, DEFAULT_RUNS, properties.length),
    seed: whole('seed', values.seed, Date.now() % 2 ** 31, 0),
    properties,
  }
}

const number = (value: number): string => value.toLocaleString('en-US')

/** A row for kept.ts. */
const toRow = (name: string, { input, why }: PropertyFailure): string =>
  `  { property: ${JSON.stringify(name)}, broke: ${JSON.stringify(why)}, input: ${JSON.stringify(input)} },`

const megabytes = (): number => Math.round(process.memoryUsage().rss / 1_048_576)

const { runs, seed, properties } = readOptions(process.argv.slice(2))
const fixture = await createFuzzFixture()
const rows: string[][] = []
const failures: string[] = []
const each = Math.ceil(runs / properties.length)
let total = 0
process.stdout.write(`${number(runs)} inputs, seed ${seed}; repeat with --seed ${seed}\n`)
for (const property of properties) {
  const started = performance.now()
  const say = (done: number) =>
    process.stdout.isTTY
      ? process.stdout.write(`\r- ${property.name}: ${number(done)} of ${number(each)}`)
      : done % 50_000 === 0 &&
        process.stdout.write(`- ${property.name}: ${number(done)} of ${number(each)}\n`)
  fixture.longestMs = 0
  const {
    runs: done,
    seen,
    failure,
  } = await runProperty(property, fixture, { runs: each, seed, onProgress: say })
  if (process.stdout.isTTY) process.stdout.write('\r\x1b[K')
  total += done
  const missing = property.mustSee.filter((outcome) => (seen[outcome] ?? 0) === 0)
  if (failure !== null) failures.push(`${property.name}: ${failure.why}\n${toRow(property.name, failure)}`)
  else if (missing.length > 0 && done >= 1_000)
    failures.push(`${property.name}: never saw ${missing.join(', ')}`)
  const outcomes = Object.entries(seen).map(([outcome, count]) => `${number(count)} ${outcome}`)
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  const longest = fixture.longestMs === 0 ? '' : fixture.longestMs.toFixed(0)
  rows.push([
    property.name,
    number(done),
    outcomes.join(', '),
    failure === null ? '0' : '1',
    longest,
    `${megabytes()}`,
    seconds,
  ])
}
await fixture.close()
process.stdout.write(
  `\n${layOut(['property', 'inputs', 'outcomes', 'broken', 'longest ms', 'MB', 'seconds'], rows)}\n\n`,
)
if (failures.length > 0)
  fail(
    paint(
      'red',
      `${failures.join('\n\n')}\n\nMend the class of input, then keep each row in test/fuzz/kept.ts.`,
    ),
    1,
  )
process.stdout.write(paint('green', `${number(total)} inputs, every invariant held.\n`))
