// Everything report-only: every case row passes through every door, refusals are told apart from what would have
// passed anyway, and no identity is passed on that has not been verified.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CASE_ROWS } from '../cases/index.ts'
import { codeExpected, type CaseRow, type DoorName } from '../cases/row.ts'
import { startCaseWorld, type CaseWorld } from '../support/surroundings.ts'
import { DOORS } from './all-doors.ts'
import type { Door } from './door.ts'

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

const isFor = (door: DoorName, row: CaseRow): boolean =>
  row.notOn?.[door] === undefined &&
  (door === 'core' || (door === 'websocket') === row.id.startsWith('websocket/'))

describe.each(Object.entries(DOORS))('%s', (name, open) => {
  let door: Door

  beforeAll(async () => {
    door = await open({ ...world.config, reportOnly: true }, world.env)
  })

  afterAll(() => door.close())

  const rows = CASE_ROWS.filter((row) => isFor(name as DoorName, row))

  test.each(rows.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    const outcome = await door.send(await row.request(world))
    const code = codeExpected(row.expect)
    expect(outcome).toMatchObject({
      allow: true,
      code: row.expect.allow ? code : `would_deny ${code}`,
      identity: row.expect.allow ? row.expect.identity : null,
    })
  })
})
