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
function firstOfEachCode(suite: SenderSuite, edge: EdgeName): SenderRow[] {
  const first = new Map<string, SenderRow>()
  for (const [row, expected] of rowsOf(suite, edge))
    if (!first.has(expectedCode(expected))) first.set(expectedCode(expected), row)
  return [...first.values()]
}

/** The outcomes of the requests of a row, in order. */
async function outcomesOf(row: SenderRow, edge: Edge, world: CaseWorld): Promise<Outcome[]> {
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
const isAbout = (suite: SenderSuite, edge: EdgeName): boolean =>
  suite.notOn?.includes(edge) !== true && rowsOf(suite, edge).length > 0

const EDGE_NAMES = Object.keys(EDGES) as EdgeName[]

/**
 * Declares the tests of a file: every row of the suites through every edge. Of `again` also one row for each code,
 * where nothing is enforced, which differs only after the decision, and through `createWorker` and `createHandler`,
 * which differ from artefacts only before it.
 */
export function checkSuites(suites: readonly SenderSuite[], again: readonly SenderSuite[]): void {
  let world: CaseWorld

  beforeAll(async () => {
    world = await startCaseWorld()
  })

  afterAll(() => world.close())

  const getWorld = () => world
  for (const suite of suites)
    for (const name of EDGE_NAMES)
      if (isAbout(suite, name)) checkSender({ suite, name, open: EDGES[name], getWorld })
  for (const suite of again) {
    const firstOf = (name: EdgeName) => ({ suite, name, getWorld, rows: firstOfEachCode(suite, name) })
    for (const name of EDGE_NAMES)
      if (isAbout(suite, name)) checkSender({ ...firstOf(name), open: EDGES[name], reportOnly: true })
    for (const [name, title] of Object.entries(CREATED) as [keyof typeof CREATED, string][])
      checkSender({ ...firstOf(name), open: CREATED_EDGES[name], title })
  }
  test('no address that only a token or a proof names is contacted', () => {
    expect(world.attacker.requests()).toBe(0)
  })
}

interface Check {
  readonly suite: SenderSuite
  readonly name: EdgeName
  readonly open: OpenEdge
  readonly getWorld: () => CaseWorld
  readonly reportOnly?: boolean
  /** Default: the name. */
  readonly title?: string
  /** Default: every row that the edge can express. */
  readonly rows?: readonly SenderRow[]
}

/** Declares a test for each row. */
function checkSender({ suite, name, open, getWorld, reportOnly = false, title = name, rows }: Check): void {
  describe(`${suite.name}, ${title}${reportOnly ? ', report-only' : ''}`, () => {
    let edge: Edge

    beforeAll(async () => {
      const world = getWorld()
      edge = await open({ ...(await suite.config(world)), reportOnly }, { ...world.env, ...suite.env })
    }, 60_000)

    afterAll(() => edge.close())

    const titled = rowsOf(suite, name)
      .filter(([row]) => rows?.includes(row) ?? true)
      .map(([row, expected]) => [[row.id, ...attacksOf(row.id)].join(' '), row, expected] as const)

    test.each(titled)('%s', async (_, row, expected) => {
      const outcomes = await outcomesOf(row, edge, getWorld())
      const last = outcomes.pop()!
      const { before = suite.passed } = row
      for (const outcome of outcomes)
        if (reportOnly) expect(outcome).toMatchObject(asReported(before))
        else expectOutcome(name, before, outcome)
      if (row.detail !== undefined && expected === row.expect) expect(last.detail).toMatchObject(row.detail)
      if (reportOnly) expect(last).toMatchObject(asReported(expected))
      else expectOutcome(name, expected, last)
    })
  })
}
