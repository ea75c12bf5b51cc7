// The command line of `npm run bench`: parses it, and refuses invalid options. It imports no package that `npm run
// bench` installs.

import { parseArgs } from 'node:util'
import { Stop } from '../cli/stop.ts'
import { ROW_NAMES, type RowName } from './rows.ts'

const width = Math.max(...ROW_NAMES.map(({ name }) => name.length))
const rowList = ROW_NAMES.map(({ name, title }) => `    ${name.padEnd(width)}  ${title}`).join('\n')

const HELP = `npm run bench -- [--quick] [--only ROW]... [--json FILE] [--update-readme]
npm run bench -- --profile ROW

  --quick           fewer and shorter rounds: within three minutes on two cores
  --only ROW        this row alone; may be repeated
  --json FILE       where everything that was measured goes (default bench/results/latest.json)
  --update-readme   also write the table of docs/benchmark.md and its figures in the README; only of a run with every row
  --profile ROW     measure nothing: run ours alone and print where its time goes
  --install         only install the libraries to compare with
  --help            this text

  rows:
${rowList}`

export interface Options {
  readonly quick: boolean
  /** In the order of the table. */
  readonly rows: readonly RowName[]
  readonly json: string | null
  readonly updateReadme: boolean
  readonly profile: RowName | null
  /** The command runs no row. */
  readonly install: boolean
}

/** @throws {Stop} listing the rows that exist. */
function toRow(flag: string, name: string): RowName {
  const row = ROW_NAMES.find((known) => known.name === name)
  if (row !== undefined) return row.name
  throw new Stop(
    `${flag} must be one of ${ROW_NAMES.map((known) => known.name).join(', ')}, not "${name}".`,
    2,
  )
}

/** @throws {Stop} with what to change. */
export function readOptions(args: readonly string[]): Options {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        'update-readme': { type: 'boolean', default: false },
        profile: { type: 'string' },
        install: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`, 2)
  }
  if (values.help === true) throw new Stop(HELP, 0)
  const { quick, only, json, 'update-readme': updateReadme, profile, install } = values
  if (json === '') throw new Stop('--json needs the name of a file.', 2)
  if (profile !== undefined && (quick || only || json || updateReadme))
    throw new Stop('--profile goes alone: it measures nothing that could be written down.', 2)
  if (updateReadme && only !== undefined)
    throw new Stop('--update-readme needs every row: leave --only out.', 2)
  const chosen = only?.map((name) => toRow('--only', name))
  return {
    quick,
    rows: ROW_NAMES.map(({ name }) => name).filter((name) => chosen?.includes(name) ?? true),
    json: json ?? null,
    updateReadme,
    profile: profile === undefined ? null : toRow('--profile', profile),
    install,
  }
}
