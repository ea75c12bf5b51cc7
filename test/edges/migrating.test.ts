// The tables of docs/migrating/hono-jwk.md, as observed: Hono's jwk and the middleware, each in workerd, on the same
// requests. Left out are those whose answer depends on the clock, which `npm run test:migrations` has.

import { expect, test } from 'vitest'
import { PAGES, runPage, toTables } from '../migrations/pages.ts'
import { REQUESTS } from '../migrations/requests.ts'
import { differencesIn, readMadeTable } from '../migrations/tables.ts'

const TIMED = [
  ...REQUESTS.filter(({ isTimed }) => isTimed).map(({ name }) => name),
  'its key was published a moment ago',
]

const page = PAGES.find(({ name }) => name === 'hono-jwk')!

test('hono-jwk.md: every cell is as observed, and so is the middleware in front of jwk', async () => {
  const run = await runPage(page, { timed: false })
  const tables = Object.entries(toTables(page, run))
  expect(tables.map(([name]) => name)).toEqual(['requests', 'answers'])
  expect(
    tables.flatMap(([name, made]) => differencesIn(readMadeTable(page.name, name), made, TIMED)),
  ).toEqual([])
  expect(run.observed.rows.length).toBeGreaterThan(30)
  expect(run.observed.otherIdentity).toEqual([])
  expect(run.wrongInFront).toEqual([])
})
