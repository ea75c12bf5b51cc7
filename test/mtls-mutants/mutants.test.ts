// Every mutant of every fact, on the core and on one edge of API Gateway. All edges: `npm run test:mtls`.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mistakesIn } from '../dpop-mutants/run-mutants.ts'
import type { Edge, Outcome } from '../edges/edge.ts'
import { RULES } from './mutants.ts'
import { openMutantWorld, runRule, type MutantWorld } from './run-mutants.ts'

let world: MutantWorld

beforeAll(async () => {
  world = await openMutantWorld()
})

afterAll(() => world.close())

test.each(RULES.map((rule) => [rule.name, rule] as const))('%s', async (_, rule) => {
  const tally = await runRule(world, rule, ['core', 'http 2.0 simple'])
  expect(mistakesIn(tally)).toEqual([])
  expect(tally.mutants).toBeGreaterThan(30)
  expect(tally.goods).toBeGreaterThan(0)
})

describe('a run finds', () => {
  const runWith = (outcome: Partial<Outcome>) => {
    const edge = { send: async () => ({ wire: {}, identity: null, ...outcome }) } as unknown as Edge
    const rule = RULES.find(({ name }) => name === 'the guard')!
    return runRule({ ...world, edge: async () => edge }, rule, ['core'])
  }

  test('mutants that pass', async () => {
    const tally = await runWith({ allow: true, code: 'access_token' })
    expect(tally.passed).toHaveLength(tally.mutants)
    expect(tally).toMatchObject({ goods: 1, otherwise: [], refused: [] })
  })

  test('mutants that are refused for another reason, and good requests that are refused', async () => {
    const tally = await runWith({ allow: false, code: 'internal_error' })
    expect(tally.otherwise).toHaveLength(tally.mutants)
    expect(tally.refused).toEqual(['core: internal_error {}'])
  })
})
