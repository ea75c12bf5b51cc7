// Sends the rows about bound tokens through an edge. A row may have several requests; the last one is what it is about.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attacksOf } from '../attacks/register.ts'
import { DPOP_ROWS } from '../cases/dpop/index.ts'
import { BOUND, dpopConfig, type DpopRow } from '../cases/dpop/row.ts'
import { expectedCode, type EdgeName, type Expectation } from '../cases/row.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { expectOutcome } from './check-edge.ts'
import type { Edge, OpenEdge, Outcome } from './edge.ts'

const isHandshake = ({ id }: DpopRow): boolean => id.includes('websocket')

/** What an edge is expected to decide about a row; `null`: the row is not about it. */
export function expectationOf(edge: EdgeName, row: DpopRow): Expectation | null {
  if (row.notOn?.includes(edge)) return null
  if (edge === 'rest TOKEN') return row.onToken ?? null
  if (edge !== 'core' && (edge === 'websocket') !== isHandshake(row)) return null
  return row.elsewhere?.[edge] ?? row.expect
}

const rowsOf = (edge: EdgeName): [DpopRow, Expectation][] =>
  DPOP_ROWS.flatMap((row) => {
    const expected = expectationOf(edge, row)
    return expected === null ? [] : [[row, expected]]
  })

/** The first row of each code. */
export function firstOfEachCode(edge: EdgeName): DpopRow[] {
  const first = new Map<string, DpopRow>()
  for (const [row, expected] of rowsOf(edge))
    if (!first.has(expectedCode(expected))) first.set(expectedCode(expected), row)
  return [...first.values()]
}

/** The outcomes of the requests of a row, in order. */
export async function outcomesOf(row: DpopRow, edge: Edge, world: CaseWorld): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const request of await row.requests(world)) outcomes.push(await edge.send(request))
  return outcomes
}

const asReported = (expected: Expectation): Partial<Outcome> => ({
  allow: true,
  code: expected.allow ? expectedCode(expected) : `would_deny ${expected.code}`,
  identity: expected.allow ? expected.identity : null,
})

/** Declares a test for each row. `rows`: default: every row that the edge can express. */
export function checkDpop(
  name: EdgeName,
  open: OpenEdge,
  {
    reportOnly = false,
    title = name,
    rows,
  }: { readonly reportOnly?: boolean; readonly title?: string; readonly rows?: readonly DpopRow[] } = {},
): void {
  describe(reportOnly ? `${title}, report-only` : title, () => {
    let world: CaseWorld
    let edge: Edge

    beforeAll(async () => {
      world = await startCaseWorld()
      edge = await open({ ...dpopConfig(world), reportOnly }, world.env)
    }, 60_000)

    afterAll(async () => {
      await edge.close()
      await world.close()
    })

    const titled = rowsOf(name)
      .filter(([row]) => rows?.includes(row) ?? true)
      .map(([row, expected]) => [[row.id, ...attacksOf(row.id)].join(' '), row, expected] as const)

    test.each(titled)('%s', async (_, row, expected) => {
      const outcomes = await outcomesOf(row, edge, world)
      const last = outcomes.pop()!
      const { before = BOUND } = row
      for (const outcome of outcomes)
        if (reportOnly) expect(outcome).toMatchObject(asReported(before))
        else expectOutcome(name, before, outcome)
      if (row.detail !== undefined && expected === row.expect) expect(last.detail).toMatchObject(row.detail)
      if (reportOnly) expect(last).toMatchObject(asReported(expected))
      else expectOutcome(name, expected, last)
    })

    test('no address that only a proof names is contacted', () => {
      expect(world.attacker.requests()).toBe(0)
    })
  })
}
