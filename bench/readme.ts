// The table in the README: what was to be reached and what was, with date, command and versions. Nothing else of the
// README is touched.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../cli/build.ts'
import { formatPage } from '../test/support/markdown.ts'
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

const MARKED = /(<!-- bench -->)[\s\S]*(<!-- \/bench -->)/

const cell = (text: string): string => text.replaceAll('|', '\\|')

const toLine = (target: Target): string =>
  `| ${[target.what, targetText(target), reachedText(target), isMet(target) ? 'yes' : 'no'].map(cell).join(' | ')} |`

/** The table and what has to be known to read it, as Markdown. */
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

/** Puts the table between its marks. Returns the file. */
export async function writeReadme(run: Run): Promise<string> {
  const file = join(ROOT, 'README.md')
  const text = await readFile(file, 'utf8')
  if (!MARKED.test(text))
    throw new Error('README.md has no place for the table: <!-- bench --> <!-- /bench -->')
  const written = text.replace(MARKED, (_, open, close) => `${open}\n\n${toMarkdown(run)}\n\n${close}`)
  await writeFile(file, await formatPage(written))
  return file
}
