// Tables of a Markdown page as rows, so that a page can be the test data that it shows.

import { readFileSync } from 'node:fs'
import { format, type FormatConfig } from 'oxfmt'

export type TableRow = Readonly<Record<string, string>>

/** Cells, split at unescaped bars; a cell that is all code loses its backticks. */
const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) =>
      cell
        .trim()
        .replaceAll('\\|', '|')
        .replace(/^`([^`]*)`$/, '$1'),
    )

/** Every table of a page, each as rows keyed by its headings. */
export function readTables(page: string | URL): TableRow[][] {
  const tables: string[][] = [[]]
  for (const line of readFileSync(page, 'utf8').split('\n')) {
    if (line.startsWith('|')) tables.at(-1)!.push(line.trimEnd())
    else if (tables.at(-1)!.length > 0) tables.push([])
  }
  return tables
    .filter((lines) => lines.length > 2)
    .map(([head = '', , ...body]) => {
      const headings = cellsOf(head)
      return body.map((line) =>
        Object.fromEntries(cellsOf(line).map((cell, index) => [headings[index]!, cell])),
      )
    })
}

/** The one table of the page with these headings. */
export function readTable(page: string | URL, ...headings: string[]): TableRow[] {
  const found = readTables(page).filter(
    (rows) =>
      headings.every((heading) => heading in rows[0]!) && Object.keys(rows[0]!).length === headings.length,
  )
  if (found.length !== 1) throw new Error(`${found.length} tables with the headings ${headings.join(', ')}`)
  return found[0]!
}

/** A page as `npm run format` would leave it. */
export async function formatPage(text: string): Promise<string> {
  const settings = JSON.parse(readFileSync(new URL('../../.oxfmtrc.json', import.meta.url), 'utf8'))
  const { ignorePatterns: _, ...options } = settings as FormatConfig & { ignorePatterns: string[] }
  return (await format('page.md', text, options)).code
}
