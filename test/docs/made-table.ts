// A table on a page that is made from the code: between `<!-- NAME -->` and `<!-- /NAME -->`.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { formatPage } from '../support/markdown.ts'

const ROOT = join(import.meta.dirname, '../..')

/** The status that each kind of API answers with, by the column `gateway` of the failure table. */
export const REST = { unauthorized: '401', forbidden: '403', failure: '503' } as const
export const WEBSOCKET = { unauthorized: '401', forbidden: '403', failure: '500' } as const
export const HTTP = { unauthorized: '403', forbidden: '403', failure: '500' } as const

export const table = (headings: string[], rows: string[][]): string =>
  [headings, headings.map(() => '-'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** Compares the table of that name on a page with `made`, or writes it where `UPDATE_DOCS` is set. */
export async function expectTable(page: string, name: string, made: string): Promise<void> {
  const file = join(ROOT, page)
  const text = readFileSync(file, 'utf8')
  const pattern = new RegExp(`(<!-- ${name} -->)[\\s\\S]*(<!-- /${name} -->)`)
  expect(text).toMatch(pattern)
  const expected = await formatPage(text.replace(pattern, `$1\n\n${made}\n\n$2`))
  if (process.env['UPDATE_DOCS']) writeFileSync(file, expected)
  expect(readFileSync(file, 'utf8')).toBe(expected)
}
