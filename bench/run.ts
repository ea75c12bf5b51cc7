// `npm run bench`: installs the other libraries in bench/, and nowhere else, and runs the bench.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Stop } from '../cli/stop.ts'
import { readOptions, type Options } from './options.ts'

const HERE = import.meta.dirname
const INSTALLED = join(HERE, 'node_modules/.package-lock.json')

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>
}

const readLock = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as Lock).packages

/** Whether the installed packages are those of the lockfile. */
function isInstalled(): boolean {
  if (!existsSync(INSTALLED)) return false
  const installed = readLock(INSTALLED)
  return Object.entries(readLock(join(HERE, 'package-lock.json'))).every(
    ([path, { version }]) => path === '' || installed[path]?.version === version,
  )
}

/** @throws {Stop} if the libraries cannot be installed. */
function install(): void {
  console.log('The libraries to compare with are not installed yet: running `npm ci` in bench/ ...')
  const done = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: HERE,
    stdio: 'inherit',
  })
  if (done.status !== 0) throw new Stop('They could not be installed; what npm says is above.', 1)
}

try {
  const options: Options = readOptions(process.argv.slice(2))
  if (!isInstalled()) install()
  if (!options.install) {
    const { runBench } = await import('./main.ts')
    await runBench(options)
  }
} catch (error) {
  if (!(error instanceof Stop)) throw error
  const channel = error.exitCode === 0 ? process.stdout : process.stderr
  channel.write(`${error.message}\n`)
  process.exit(error.exitCode)
}
