// The register is complete: every attack has rows or tests, and every row or test that it names exists.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DPOP_ROWS } from '../cases/dpop/index.ts'
import { CASE_ROWS } from '../cases/index.ts'
import { MTLS_ROWS } from '../cases/mtls/index.ts'
import { REVOCATION_ROWS } from '../cases/revocation.ts'
import { ATTACKS } from './register.ts'

const ROWS = [...CASE_ROWS, ...REVOCATION_ROWS, ...DPOP_ROWS, ...MTLS_ROWS]

async function titlesOfTests(): Promise<string> {
  const root = join(import.meta.dirname, '..')
  const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith('.test.ts'))
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))
  return texts.flatMap((text) => text.match(/['"`]A\d{3}\b[^'"`]*/g) ?? []).join('\n')
}

test('has A001 to A128, once each, in order', () => {
  const ids = Array.from({ length: 128 }, (_, index) => `A${String(index + 1).padStart(3, '0')}`)
  expect(ATTACKS.map(({ id }) => id)).toEqual(ids)
})

test('names only rows that exist', () => {
  const missing = ATTACKS.flatMap(({ id, rows = [] }) =>
    rows.filter((row) => !ROWS.some((known) => known.id.startsWith(row))).map((row) => `${id}: ${row}`),
  )
  expect(missing).toEqual([])
})

test('leaves none without a case', async () => {
  const titles = await titlesOfTests()
  const idle = ATTACKS.filter(({ id, rows = [] }) => rows.length === 0 && !titles.includes(id))
  expect(idle.map(({ id }) => id)).toEqual([])
})
