// `npm run attacks`: runs the attack tests alone, and prints each attack with its number of cases.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { unstable_readConfig } from 'wrangler'
import { ROOT } from '../../cli/build.ts'

const HELP = `npm run attacks -- [-t PATTERN] [FILE]...

  -t PATTERN   only cases whose name it matches, such as A031
  FILE         only files of tests with this in their path
  --help       this text`

const end = (text: string, exitCode: number): never => {
  ;(exitCode === 0 ? process.stdout : process.stderr).write(`${text}\n`)
  process.exit(exitCode)
}

/** Further arguments for vitest. */
function readFilters(args: readonly string[]): string[] {
  const pattern = { type: 'string', short: 't' } as const
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { testNamePattern: pattern, help: { type: 'boolean' } },
    })
    if (values.help === true) end(HELP, 0)
    const { testNamePattern: wanted } = values
    return [...positionals, ...(wanted === undefined ? [] : ['-t', wanted])]
  } catch (error) {
    return end(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`, 2)
  }
}

const filters = readFilters(process.argv.slice(2))
// A mistake in one of these files would otherwise fail every test file.
await import('../../lanekeeper.config.ts')
unstable_readConfig({ config: join(ROOT, 'wrangler.toml') })
const vitest = spawn(
  process.execPath,
  [
    join(ROOT, 'node_modules/vitest/vitest.mjs'),
    ...['run', '--config', 'test/attacks/vitest.config.ts'],
    ...filters,
  ],
  // vitest gets a process group of its own, so that it and its workers end together. Ctrl-C does not reach that group;
  // run.js passes the signal on.
  { cwd: ROOT, stdio: 'inherit', detached: true },
)
const [code] = (await once(vitest, 'exit')) as [number | null]
process.exit(code ?? 1)
