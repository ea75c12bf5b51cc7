// `npm run test:migrations`: installs what the pages of docs/migrating migrate from, in this folder and nowhere else, and
// compares the tables of each page with what is observed.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { layOut, paint } from '../../cli/table.ts'
import { Stop } from '../../cli/stop.ts'
import { readOptions } from './options.ts'
import { PAGES, runPage, toTables, type Page } from './pages.ts'
import { differencesIn, readMadeTable, writeMadeTable } from './tables.ts'

const HERE = import.meta.dirname

type Lock = Readonly<Record<string, { readonly version?: string }>>
const readLock = (file: string): Lock =>
  (JSON.parse(readFileSync(file, 'utf8')) as { packages: Lock }).packages

/** Whether the installed packages are those of the lockfile. */
function isInstalled(): boolean {
  const file = join(HERE, 'node_modules/.package-lock.json')
  if (!existsSync(file)) return false
  const installed = readLock(file)
  return Object.entries(readLock(join(HERE, 'package-lock.json'))).every(
    ([path, { version }]) => path === '' || installed[path]?.version === version,
  )
}

/** @throws {Stop} if they cannot be installed. */
function install(): void {
  console.log('The libraries of the pages are not installed yet: running `npm ci` in test/migrations ...')
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', args, { cwd: HERE, stdio: 'inherit' })
  if (status !== 0) throw new Stop('They could not be installed; what npm says is above.', 1)
}

/** Runs a page, and returns what is wrong with it. */
async function check(
  page: Page,
  update: boolean,
): Promise<{ readonly cells: number; readonly wrong: string[] }> {
  const ran = await runPage(page, { timed: true })
  const { observed, wrongInFront } = ran
  const made = toTables(page, ran)
  if (update) for (const [name, table] of Object.entries(made)) await writeMadeTable(page.name, name, table)
  return {
    cells: Object.values(made).reduce(
      (sum, { headings, rows }) => sum + rows.length * (headings.length - 1),
      0,
    ),
    wrong: [
      ...Object.entries(made).flatMap(([name, table]) =>
        differencesIn(readMadeTable(page.name, name), table),
      ),
      ...observed.otherIdentity.map((text) => `the application is told otherwise who calls: ${text}`),
      ...wrongInFront.map((text) => `in front of the old check, ${text}`),
    ],
  }
}

async function run(): Promise<number> {
  const options = readOptions(
    process.argv.slice(2),
    PAGES.map(({ name }) => name),
  )
  const pages = PAGES.filter(({ name }) => options.pages.includes(name))
  if (pages.some(({ needsPackages }) => needsPackages) && !isInstalled()) install()
  const rows: string[][] = []
  let failed = 0
  for (const page of pages) {
    process.stdout.write(`${page.name} ... `)
    const { cells, wrong } = await check(page, options.update)
    process.stdout.write(
      `${paint(wrong.length === 0 ? 'green' : 'red', wrong.length === 0 ? 'ok' : 'wrong')}\n`,
    )
    for (const text of wrong) console.log(`  ${text}`)
    if (wrong.length > 0) failed++
    rows.push([page.name, String(cells), String(wrong.length)])
  }
  console.log(`\n${layOut(['page', 'cells observed', 'wrong'], rows)}`)
  return failed === 0 ? 0 : 1
}

try {
  process.exit(await run())
} catch (error) {
  if (!(error instanceof Stop)) throw error
  const channel = error.exitCode === 0 ? process.stdout : process.stderr
  channel.write(`${error.message}\n`)
  process.exit(error.exitCode)
}
