// Sends case rows through an edge and compares each outcome with the one that the row states. All edges must agree on
// allow or deny, on the code and on the identity, and each must give its own wire form.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attacksOf } from '../attacks/register.ts'
import { expectedCode, isProxy, type CaseRow, type EdgeName, type Expectation } from '../cases/row.ts'
import { failureRow } from '../../shared/index.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import type { Edge, OpenEdge, Outcome } from './edge.ts'

const POLICY = { version: '2012-10-17', action: 'execute-api:Invoke' }

/** The wire form of a refusal on an API Gateway API. */
function gatewayForm(edge: EdgeName, expected: Expectation & { allow: false }): unknown {
  if (expected.rest === 500) return { thrown: `lanekeeper: ${expected.code}` }
  if (edge === 'http 2.0 simple') return { isAuthorized: false }
  if (expected.rest === 401 && (edge.startsWith('rest') || edge === 'websocket'))
    return { thrown: 'Unauthorized' }
  return { effect: 'Deny', ...POLICY }
}

/** The outcome is the stated one, and has the wire form of the edge. */
export function expectOutcome(edge: EdgeName, expected: Expectation, outcome: Outcome): void {
  if (expected.allow) {
    expect(outcome).toMatchObject({
      allow: true,
      identity: expected.identity,
      code: expectedCode(expected),
    })
    if (edge !== 'core' && !isProxy(edge)) {
      expect(outcome.wire).toEqual(
        edge === 'http 2.0 simple' ? { isAuthorized: true } : { effect: 'Allow', ...POLICY },
      )
    }
    return
  }
  expect(outcome).toMatchObject({ allow: false, code: expected.code, identity: null })
  if (edge === 'core') expect(outcome.wire).toEqual({ status: expected.status })
  else if (isProxy(edge)) {
    expect(outcome.wire['status']).toBe(expected.status)
    const hasChallenge = expected.status === 401 || failureRow(expected.code).error !== null
    expect(outcome.wire['challenge'] !== undefined).toBe(hasChallenge)
  } else expect(outcome.wire).toEqual(gatewayForm(edge, expected))
}

/** With everything report-only, every request passes, and no unverified identity is passed on. */
function expectReported(row: CaseRow, outcome: Outcome): void {
  const code = expectedCode(row.expect)
  expect(outcome).toMatchObject({
    allow: true,
    code: row.expect.allow ? code : `would_deny ${code}`,
    identity: row.expect.allow ? row.expect.identity : null,
  })
}

/** Declares a test for each row. `title`: default: the name. */
export function checkEdge(
  name: EdgeName,
  open: OpenEdge,
  rows: readonly CaseRow[],
  { reportOnly = false, title = name }: { readonly reportOnly?: boolean; readonly title?: string } = {},
): void {
  describe(reportOnly ? `${title}, report-only` : title, () => {
    let world: CaseWorld
    let edge: Edge

    beforeAll(async () => {
      world = await startCaseWorld()
      edge = await open({ ...world.config, reportOnly }, world.env)
    })

    afterAll(async () => {
      await edge.close()
      await world.close()
    })

    const titled = rows.map((row) => [[row.id, ...attacksOf(row.id)].join(' '), row] as const)

    test.each(titled)('%s', async (_, row) => {
      const outcome = await edge.send(await row.request(world))
      if (row.detail !== undefined) expect(outcome.detail).toEqual(row.detail)
      if (reportOnly) expectReported(row, outcome)
      else expectOutcome(name, row.expect, outcome)
    })

    test('A014 A015 A053 no address that only a token or a redirect names is contacted', () => {
      expect(world.main.fetches()).toBeGreaterThan(0)
      expect(world.attacker.requests()).toBe(0)
    })
  })
}
