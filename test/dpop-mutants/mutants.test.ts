// Every mutant of every rule, for one algorithm on the core and on one edge of API Gateway. All algorithms on all
// edges: `npm run test:dpop`.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EdgeName } from '../cases/row.ts'
import type { Edge, Outcome } from '../edges/edge.ts'
import { EDGES_WITH_FIELDS } from './mutant.ts'
import { mistakesIn, RULES, runRule } from './run-mutants.ts'
import { summarise } from './summary.ts'
import { openMutantWorld, type MutantWorld } from './world.ts'

const EDGES: readonly EdgeName[] = ['core', 'http 2.0 simple', 'rest TOKEN']

let world: MutantWorld

beforeAll(async () => {
  world = await openMutantWorld()
})

afterAll(() => world.close())

test.each(RULES.map((rule) => [rule.name, rule] as const))('%s', async (_, rule) => {
  const tally = await runRule(world, rule, { algorithms: ['ES256'], edges: EDGES })
  expect(mistakesIn(tally)).toEqual([])
  expect(tally.mutants).toBeGreaterThan(0)
  expect(tally.goods).toBeGreaterThan(0)
})

test('no two mutants or good requests of a rule have the same name', () => {
  for (const { name, mutants, goods = [] } of RULES)
    for (const attempts of [mutants, goods]) {
      const names = attempts.map((attempt) => attempt.name)
      expect([name, names.filter((one, index) => names.indexOf(one) !== index)]).toEqual([name, []])
    }
})

describe('a run finds', () => {
  /** The rule on a core that gives the same answer to every request. */
  async function runWith(outcome: Outcome) {
    const edge = { send: async () => outcome } as unknown as Edge
    const always: MutantWorld = { ...world, edge: async () => edge }
    const rule = RULES.find(({ name }) => name === 'typ')!
    return runRule(always, rule, { algorithms: ['ES256'], edges: ['core'] })
  }

  const outcome = (allow: boolean, code: string, problem = ''): Outcome => ({
    allow,
    code,
    detail: { problem },
    wire: {},
    identity: null,
  })

  test('mutants that pass', async () => {
    const tally = await runWith(outcome(true, 'access_token'))
    expect(tally).toMatchObject({ mutants: 11, goods: 1, otherwise: [], refused: [] })
    expect(tally.passed).toHaveLength(11)
    expect(summarise([tally])).toContain('typ: passed: ES256, core: absent')
  })

  test('good requests that are refused', async () => {
    const tally = await runWith(outcome(false, 'dpop_proof_invalid', 'typ'))
    expect(tally).toMatchObject({ passed: [], otherwise: [] })
    expect(tally.refused).toEqual(['ES256, core: the good request: dpop_proof_invalid {"problem":"typ"}'])
  })

  test.each([
    ['code', outcome(false, 'dpop_key_mismatch', 'typ')],
    ['problem', outcome(false, 'dpop_proof_invalid', 'alg')],
  ])('mutants that are refused with another %s', async (_, answer) => {
    const tally = await runWith(answer)
    expect(tally.otherwise).toHaveLength(11)
    expect(summarise([tally]).split('\n').at(-1)).toContain('11 refused for another reason')
  })
})

test('every edge but TOKEN has header fields', () => {
  expect(EDGES_WITH_FIELDS).not.toContain('rest TOKEN')
  expect(EDGES_WITH_FIELDS).toHaveLength(7)
})
