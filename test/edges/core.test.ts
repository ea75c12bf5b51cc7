// Every case row through the core, enforced and with everything report-only.

import { afterEach, expect, test, vi } from 'vitest'
import { CASE_ROWS } from '../cases/index.ts'
import { checkEdge } from './check-edge.ts'
import { openCoreEdge } from './core-edge.ts'
import { rowsFor } from './rows-for.ts'

test('row ids are unique', () => {
  const ids = CASE_ROWS.map((row) => row.id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

afterEach(() => void vi.restoreAllMocks())

test('no row reads the clock before its request is made', async () => {
  const now = vi.spyOn(Date, 'now')
  vi.resetModules()
  const { CASE_ROWS: loaded } = await import('../cases/index.ts')
  expect(loaded).not.toBe(CASE_ROWS)
  expect(now.mock.calls).toEqual([])
})

checkEdge('core', openCoreEdge, rowsFor('core'))
checkEdge('core', openCoreEdge, rowsFor('core'), { reportOnly: true })
