// Sends the rows about bound tokens through an edge. A row may have several requests; the last one is what it is about.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attacksOf } from '../attacks/register.ts'
import { expectedCode, type EdgeName, type Expectation } from '../cases/row.ts'
import type { SenderRow, SenderSuite } from '../cases/sender-row.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { CREATED_EDGES, EDGES } from './all-edges.ts'
import { expectOutcome } from './check-edge.ts'
import type { Edge, OpenEdge, Outcome } from './edge.ts'

const CREATED = { worker: 'createWorker', 'rest REQUEST': 'createHandler' } as const

const isHandshake = ({ id }: SenderRow): boolean => id.includes('websocket')

/** What an edge is expected to decide about a row; `null`: the row is not about it. */
export function expectationOf(edge: EdgeName, row: SenderRow): Expectation | null {
  if (row.notOn?.includes(edge)) return null
  if (edge === 'rest TOKEN') return row.onToken ?? null
  if (edge !== 'core' && (edge === 'websocket') !== isHandshake(row)) return null
  return row.elsewhere?.[edge] ?? row.expect
}

const rowsOf = ({ rows }: SenderSuite, edge: EdgeName): [SenderRow, Expectation][] =>
  rows.flatMap((row) => {
    const expected = expectationOf(edge, row)
    return expected === null ? [] : [[row, expected]]
  })

/** The first row of each code. */
export function firstOfEachCode(suite: SenderSuite, edge: EdgeName): SenderRow[] {
  const first = new Map<string, SenderRow>()
  for (const [row, expected] of rowsOf(suite, edge))
    if (!first.has(expectedCode(expected))) first.set(expectedCode(expected), row)
  return [...first.values()]
}

/** The outcomes of the requests of a row, in order. */
export async function outcomesOf(row: SenderRow, edge: Edge, world: CaseWorld): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const request of await row.requests(world)) outcomes.push(await edge.send(request))
  return outcomes
}

const asReported = (expected: Expectation): Partial<Outcome> => ({
  allow: true,
  code: expected.allow ? expectedCode(expected) : `would_deny ${expected.code}`,
  identity: expected.allow ? expected.identity : null,
})

/** Whether some row is about this edge. */
export const isAbout = (suite: SenderSuite, edge: EdgeName): boolean =>
  suite.notOn?.includes(edge) !== true && rowsOf(suite, edge).length > 0

/**
 * Declares the tests of a suite: every row through every edge. Report-only differs from enforcement only after the
 * decision, and `createWorker` and `createHandler` from artefacts only before it, so one row for each code is enough
 * there.
 */
export function checkOnAllEdges(suite: SenderSuite): void {
  for (const [name, open] of Object.entries(EDGES) as [EdgeName, (typeof EDGES)[EdgeName]][]) {
    if (!isAbout(suite, name)) continue
    checkSender(suite, name, open)
    checkSender(suite, name, open, { reportOnly: true, rows: firstOfEachCode(suite, name) })
  }
  for (const [name, title] of Object.entries(CREATED) as [keyof typeof CREATED, string][])
    if (isAbout(suite, name))
      checkSender(suite, name, CREATED_EDGES[name], { title, rows: firstOfEachCode(suite, name) })
}

/** Declares a test for each row. `rows`: default: every row that the edge can express. */
export function checkSender(
  suite: SenderSuite,
  name: EdgeName,
  open: OpenEdge,
  {
    reportOnly = false,
    title = name,
    rows,
  }: { readonly reportOnly?: boolean; readonly title?: string; readonly rows?: readonly SenderRow[] } = {},
): void {
  describe(`${suite.name}, ${title}${reportOnly ? ', report-only' : ''}`, () => {
    let world: CaseWorld
    let edge: Edge

    beforeAll(async () => {
      world = await startCaseWorld()
      edge = await open({ ...suite.config(world), reportOnly }, { ...world.env, ...suite.env })
    }, 60_000)

    afterAll(async () => {
      await edge.close()
      await world.close()
    })

    const titled = rowsOf(suite, name)
      .filter(([row]) => rows?.includes(row) ?? true)
      .map(([row, expected]) => [[row.id, ...attacksOf(row.id)].join(' '), row, expected] as const)

    test.each(titled)('%s', async (_, row, expected) => {
      const outcomes = await outcomesOf(row, edge, world)
      const last = outcomes.pop()!
      const { before = suite.passed } = row
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
