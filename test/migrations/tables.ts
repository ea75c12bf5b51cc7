// The tables of a page that a run makes: between `<!-- NAME -->` and `<!-- /NAME -->`. Columns that a run does not
// observe are written by hand and stay.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { formatPage } from '../support/markdown.ts'
import type { Observed } from './observe.ts'

export interface Table {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const pathOf = (page: string): string => join(ROOT, 'docs/migrating', `${page}.md`)

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim())

const between = (name: string): RegExp => new RegExp(`(<!-- ${name} -->)([^]*?)(<!-- /${name} -->)`)

/** The table of that name. A page without rows in it has an empty one. */
export function readMadeTable(page: string, name: string): Table {
  const found = between(name).exec(readFileSync(pathOf(page), 'utf8'))
  if (found === null) throw new Error(`docs/migrating/${page}.md has no table ${name}.`)
  const [head = '| |', , ...rows] = found[2]!.split('\n').filter((line) => line.startsWith('|'))
  return { headings: cellsOf(head), rows: rows.map(cellsOf) }
}

/** What each side answered, by request. `columns`: the sides by their headings. */
export const toRequestTable = (
  { rows }: Observed,
  sides: readonly string[],
  columns: Readonly<Record<string, string>>,
): Table => ({
  headings: ['request', ...Object.keys(columns)],
  rows: rows.map(({ name, cells }) => [
    name,
    ...Object.values(columns).map((side) => cells[sides.indexOf(side)]!),
  ]),
})

/** The refusals in full, a line for each side. */
export const toAnswerTable = ({ answers }: Observed, sides: readonly string[]): Table => ({
  headings: ['request', 'side', '`WWW-Authenticate`', 'body'],
  rows: answers.flatMap(({ name, challenges, bodies }) =>
    sides.map((side, at) => [
      name,
      side,
      challenges[at] === '' ? 'none' : `\`${challenges[at]}\``,
      bodies[at]!,
    ]),
  ),
})

/** What a page says otherwise, a line for each cell. `skipped`: rows that this run has not observed. */
export function differencesIn(stated: Table, made: Table, skipped: readonly string[] = []): string[] {
  const keyOf = (row: readonly string[], { headings }: Table) =>
    headings.includes('side') ? `${row[0]}, ${row[headings.indexOf('side')]}` : row[0]!
  const statedBy = new Map(stated.rows.map((row) => [keyOf(row, stated), row]))
  const madeKeys = made.rows.map((row) => keyOf(row, made))
  return [
    ...madeKeys.filter((key) => !statedBy.has(key)).map((key) => `${key}: the page has no such row`),
    ...[...statedBy.keys()]
      .filter((key) => !madeKeys.includes(key) && !skipped.includes(key))
      .map((key) => `${key}: the page has this row, and the run has not`),
    ...made.rows.flatMap((row) => {
      const there = statedBy.get(keyOf(row, made))
      if (there === undefined) return []
      return made.headings.flatMap((heading, at) => {
        const cell = there[stated.headings.indexOf(heading)]
        const where = `${keyOf(row, made)}: ${heading}`
        return cell === row[at] ? [] : [`${where}: observed "${row[at]}", the page says "${cell ?? ''}"`]
      })
    }),
  ]
}

/** Puts the table into the page. Other columns that the page has keep their cells. */
export async function writeMadeTable(page: string, name: string, made: Table): Promise<void> {
  const stated = readMadeTable(page, name)
  const own = new Map(stated.rows.map((row) => [row[0], row]))
  const headings = stated.headings.length > 1 ? stated.headings : made.headings
  const rows = made.rows.map((row) =>
    headings.map((heading, at) => row[made.headings.indexOf(heading)] ?? own.get(row[0])?.[at] ?? ''),
  )
  const lines = [headings, headings.map(() => '-'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  const text = readFileSync(pathOf(page), 'utf8')
  writeFileSync(
    pathOf(page),
    await formatPage(
      text.replace(between(name), (_, from, __, to) => `${from}\n\n${lines.join('\n')}\n\n${to}`),
    ),
  )
}
