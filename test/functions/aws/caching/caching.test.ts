// An answer from a gateway's cache is the one that the authorizer would give to a new request: random route tables,
// tokens, requests and times, for each strategy, and five faulty compilers, each of which the same comparison catches.
// The seed is fixed, and printed; SEED chooses another. The long run: npm run fuzz.

import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { SEED } from '../../../fuzz/seed.ts'
import { generateKey } from '../../../support/test-issuer.ts'
import { createComparedApi, type ComparedApi } from './compared-api.ts'
import { compareAnswers, Differs, type Compared } from './comparison.ts'
import { scenario, STEPS } from './scenario.ts'
import { EXACT, STRATEGIES, TABLE, type Strategy } from './strategies.ts'
import { WRONG_COMPILERS } from './wrong-compilers.ts'

const SCENARIOS = 100
/** The run ends at the first answer that differs. */
const MOST_SCENARIOS = 2_000

let api: ComparedApi

beforeAll(async () => {
  api = createComparedApi(await generateKey('ES256', 'k1'))
})

const count = (answers: readonly Compared[], is: (answer: Compared) => boolean): number =>
  answers.filter(is).length

function describeRun(name: string, answers: readonly Compared[]): string {
  const share = (is: (answer: Compared) => boolean) =>
    `${((100 * count(answers, is)) / answers.length).toFixed(1)} %`
  return [
    `${name}: ${answers.length} cases (seed ${SEED})`,
    `${share(({ hit }) => hit)} from the cache`,
    `${share(({ byDeny }) => byDeny)} refused by a Deny`,
    `${share(({ isOdd }) => isOdd)} odd paths`,
    `${share(({ outlived }) => outlived)} outlived their token within the lifetime`,
  ].join(', ')
}

describe('the cached answer equals a new decision', () => {
  test.each(STRATEGIES)('$name', async (strategy) => {
    const seen: Compared[][] = strategy.gateways.map(() => [])
    let refused = 0
    const property = fc.asyncProperty(scenario, async (made) => {
      const answers = await compareAnswers(api, made, strategy)
      if (answers === null) refused++
      answers?.forEach((each, index) => seen[index]!.push(...each))
    })
    await fc.assert(property, { seed: SEED, numRuns: SCENARIOS, endOnFailure: true })

    const isTable = strategy.aws.strategy === 'table'
    if (isTable) expect(refused).toBeGreaterThan(10)
    for (const [index, { name, mayOutlive }] of strategy.gateways.entries()) {
      const answers = seen[index]!
      console.log(describeRun(`${strategy.name}, ${name}`, answers))
      expect(answers.length).toBe(STEPS * (SCENARIOS - refused))
      expect(count(answers, ({ isOdd }) => isOdd)).toBeGreaterThan(200)
      if (strategy.aws.strategy !== 'off') expect(count(answers, ({ hit }) => hit)).toBeGreaterThan(100)
      if (mayOutlive) expect(count(answers, ({ outlived }) => outlived)).toBeGreaterThan(0)
    }
  })
})

describe('faulty compilers are caught', () => {
  test.each(WRONG_COMPILERS)('$name: something is wrongly $wrongly', async (wrong) => {
    const aws = wrong.strategy === 'table' ? TABLE : EXACT
    const strategy: Strategy = { name: wrong.name, kind: 'rest token', aws, gateways: [{ name: wrong.name }] }
    const property = fc.asyncProperty(scenario, async (made) => {
      try {
        await compareAnswers(api, made, strategy, wrong.compile)
      } catch (error) {
        if (!(error instanceof Differs) || error.wrongly === wrong.wrongly) throw error
      }
    })
    const result = await fc.check(property, { seed: SEED, numRuns: MOST_SCENARIOS, endOnFailure: true })
    expect(result.errorInstance).toBeInstanceOf(Differs)
    expect(result.errorInstance).toMatchObject({ wrongly: wrong.wrongly })
  })
})
