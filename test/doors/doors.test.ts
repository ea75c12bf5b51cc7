// One decision, many doors: every case row through the core, the Worker in workerd and the Lambda handler in
// each of its event shapes. All must agree on allow or deny, on the code and on the identity, and each must
// give the wire form that is its own.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CASE_ROWS } from '../cases/index.ts'
import { codeExpected, type CaseRow, type DoorName, type Expectation } from '../cases/row.ts'
import { startCaseWorld, type CaseWorld } from '../support/surroundings.ts'
import { DOORS } from './all-doors.ts'
import type { Door, Outcome } from './door.ts'
import { attacksOf } from '../attacks/register.ts'

const POLICY = { version: '2012-10-17', action: 'execute-api:Invoke' }

/** What a refusal must look like on an API Gateway API. */
function gatewayForm(door: DoorName, expected: Expectation & { allow: false }): unknown {
  if (expected.rest === 500) return { thrown: `lanekeeper: ${expected.code}` }
  if (door === 'http 2.0 simple') return { isAuthorized: false }
  if (expected.rest === 401 && (door.startsWith('rest') || door === 'websocket'))
    return { thrown: 'Unauthorized' }
  return { effect: 'Deny', ...POLICY }
}

function expectOutcome(door: DoorName, row: CaseRow, outcome: Outcome): void {
  const { expect: expected } = row
  if (expected.allow) {
    expect(outcome).toMatchObject({
      allow: true,
      identity: expected.identity,
      code: codeExpected(expected),
    })
    if (door !== 'core' && door !== 'worker') {
      expect(outcome.wire).toEqual(
        door === 'http 2.0 simple' ? { isAuthorized: true } : { effect: 'Allow', ...POLICY },
      )
    }
    return
  }
  expect(outcome).toMatchObject({ allow: false, code: expected.code, identity: null })
  if (door === 'core') expect(outcome.wire).toEqual({ status: expected.status })
  else if (door === 'worker') {
    expect(outcome.wire['status']).toBe(expected.status)
    expect(outcome.wire['challenge'] === undefined).toBe(
      expected.status !== 401 &&
        expected.code !== 'insufficient_scope' &&
        !expected.code.startsWith('credential_'),
    )
  } else expect(outcome.wire).toEqual(gatewayForm(door, expected))
}

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

/** A WebSocket API asks about its handshake alone, and no other API does; the core answers everything. */
const isFor = (door: DoorName, row: CaseRow): boolean =>
  row.notOn?.[door] === undefined &&
  (door === 'core' || (door === 'websocket') === row.id.startsWith('websocket/'))

test('row ids are unique', () => {
  const ids = CASE_ROWS.map((row) => row.id)
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
})

describe.each(Object.entries(DOORS))('%s', (name, open) => {
  let door: Door

  beforeAll(async () => {
    door = await open(world.config, world.env)
  })

  afterAll(() => door.close())

  const rows = CASE_ROWS.filter((row) => isFor(name as DoorName, row))

  const titled = rows.map((row) => [[row.id, ...attacksOf(row.id)].join(' '), row] as const)

  test.each(titled)('%s', async (_, row) => {
    expectOutcome(name as DoorName, row, await door.send(await row.request(world)))
  })

  test('A014 A015 A053 no address is asked that only a token or a redirect names', () => {
    expect(world.main.fetches()).toBeGreaterThan(0)
    expect(world.attacker.requests()).toBe(0)
  })
})
