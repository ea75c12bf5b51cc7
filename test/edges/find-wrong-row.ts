// Looks for a row about bound tokens whose outcome is wrong where the core runs with other steps.

import { STEPS, type Steps } from '../../shared/steps.ts'
import { expectedCode, type CaseRequest, type Expectation } from '../cases/row.ts'
import type { SenderRow, SenderSuite } from '../cases/sender-row.ts'
import type { CaseWorld } from '../support/case-world.ts'
import { expectationOf } from './check-sender.ts'
import { openCoreEdgeFromSteps } from './core-edge.ts'
import type { Edge, Outcome } from './edge.ts'

const isRight = (expected: Expectation, { allow, code }: Outcome): boolean =>
  allow === expected.allow && code === expectedCode(expected)

/** Runs a check for the first request with a token only, as if its outcome were remembered with the token. */
export function onlyAtFirst<Subject extends readonly [object, ...unknown[]], Result>(
  check: (...subject: Subject) => Result,
  later: Result,
): (...subject: Subject) => Result {
  const seen = new WeakSet<object>()
  return (...subject) => {
    if (seen.has(subject[0])) return later
    seen.add(subject[0])
    return check(...subject)
  }
}

export interface WrongRows {
  /** The first row with another outcome than the one it states. Rows whose ids begin with `likely` come first. */
  find(suite: SenderSuite, steps: Partial<Steps>, likely?: string): Promise<string | null>
  /** The same with new steps and a new authorizer for each row, of the rows whose ids begin with `prefix` alone. */
  findAnew(suite: SenderSuite, makeSteps: () => Partial<Steps>, prefix: string): Promise<string | null>
}

/** Makes the requests of a row once, since time stands still. */
export function createWrongRows(getWorld: () => CaseWorld): WrongRows {
  const requests = new Map<SenderRow, Promise<readonly CaseRequest[]>>()

  function requestsOf(row: SenderRow): Promise<readonly CaseRequest[]> {
    const made = requests.get(row) ?? row.requests(getWorld())
    requests.set(row, made)
    return made
  }

  const open = async (suite: SenderSuite, steps: Partial<Steps>): Promise<Edge> => {
    const world = getWorld()
    return openCoreEdgeFromSteps(
      await suite.config(world),
      { ...world.env, ...suite.env },
      { ...STEPS, ...steps },
    )
  }

  async function isWrong(row: SenderRow, suite: SenderSuite, edge: Edge): Promise<boolean> {
    const expected = expectationOf('core', row)
    if (expected === null) return false
    const sent = await requestsOf(row)
    const { before = suite.passed } = row
    for (const [index, request] of sent.entries())
      if (!isRight(index === sent.length - 1 ? expected : before, await edge.send(request))) return true
    return false
  }

  return {
    async find(suite, steps, likely = '') {
      const edge = await open(suite, steps)
      const isLikely = ({ id }: SenderRow): boolean => id.startsWith(likely)
      const { rows } = suite
      for (const row of [...rows.filter(isLikely), ...rows.filter((row) => !isLikely(row))])
        if (await isWrong(row, suite, edge)) return row.id
      return null
    },
    async findAnew(suite, makeSteps, prefix) {
      for (const row of suite.rows.filter(({ id }) => id.startsWith(prefix)))
        if (await isWrong(row, suite, await open(suite, makeSteps()))) return row.id
      return null
    },
  }
}
