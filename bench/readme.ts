// Updates the table of docs/benchmark.md (each target and its result, with date, command and versions) and the figures
// of the README that come from that table. Nothing else of the two pages changes.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../cli/build.ts'
import { formatPage, readTable, type TableRow } from '../test/support/markdown.ts'
import type { Machine, Versions } from './machine.ts'
import { reachedText, targetText } from './present.ts'
import { isMet, type RowResult, type Target } from './result.ts'

export interface Run {
  readonly date: string
  readonly command: string
  readonly versions: Versions
  readonly machine: Machine
  readonly results: readonly RowResult[]
}

export const PAGE = join(ROOT, 'docs/benchmark.md')
const README = join(ROOT, 'README.md')

const cell = (text: string): string => text.replaceAll('|', '\\|')

const toLine = (target: Target): string =>
  `| ${[target.what, targetText(target), reachedText(target), isMet(target) ? 'yes' : 'no'].map(cell).join(' | ')} |`

/** The table and the notes that it needs, as Markdown. */
export function toMarkdown({ date, command, versions, machine, results }: Run): string {
  const { node, workerd, commit, peers } = versions
  const used = Object.entries({ Node: node, workerd, ...peers }).map(
    ([name, version]) => `${name} ${version}`,
  )
  return [
    '| what | to reach | reached | met |',
    '| - | - | - | - |',
    ...results.flatMap(({ targets }) => targets.map(toLine)),
    '',
    `${date.slice(0, 10)}, \`${command}\`${commit === null ? '' : ` at ${commit}`}, ${machine.cores} cores of ${machine.cpu}: ${used.join(', ')}.`,
  ].join('\n')
}

/** The rows of the table in docs/benchmark.md. */
export const readTargets = (): TableRow[] => readTable(PAGE, 'what', 'to reach', 'reached', 'met')

/**
 * The figures of the README, as Markdown, from the rows of the table.
 *
 * @throws {Error} if the table has no row, or several, for one of them.
 */
export function toFigures(rows: readonly TableRow[]): string {
  const reached = (what: string): string => {
    const found = rows.filter((row) => row['what']!.startsWith(what))
    if (found.length !== 1) throw new Error(`${found.length} rows of the table begin with "${what}"`)
    return found[0]!['reached']!
  }
  const asLambda = reached('unseen, lanekeeper as the Lambda verifies, against subtle.verify')
  const jose = reached('unseen, lanekeeper in a server on Node, against jose')
  const worker = reached('Worker, same token again')
  const start = reached('Lambda cold start')
  return [
    `- New tokens per second: ${asLambda} of bare \`subtle.verify\` as on Lambda, ${jose} of jose in a server on Node.`,
    `- Worker: ${worker} of the requests of one that checks nothing. Lambda: ${start} times the cold start of aws-jwt-verify.`,
  ].join('\n')
}

async function writeBetween(file: string, name: string, made: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const marked = new RegExp(`(<!-- ${name} -->)[\\s\\S]*(<!-- /${name} -->)`)
  if (!marked.test(text)) throw new Error(`${file} has no place for it: <!-- ${name} --> <!-- /${name} -->`)
  const written = text.replace(marked, (_, open, close) => `${open}\n\n${made}\n\n${close}`)
  await writeFile(file, await formatPage(written))
}

/** Puts the table into docs/benchmark.md and its figures into the README. Returns the file of the table. */
export async function writeReadme(run: Run): Promise<string> {
  await writeBetween(PAGE, 'bench', toMarkdown(run))
  await writeBetween(README, 'figures', toFigures(readTargets()))
  return PAGE
}
