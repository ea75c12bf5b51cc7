// Route tables, tokens and sequences of requests, to a gateway that caches answers: an answer from its cache is the one
// that the authorizer would give to a new request. The short run, and the proof that this can fail:
// test/functions/aws/caching.

import fc from 'fast-check'
import { createComparedApi } from '../../functions/aws/caching/compared-api.ts'
import { compareAnswers } from '../../functions/aws/caching/comparison.ts'
import { scenario, type Scenario } from '../../functions/aws/caching/scenario.ts'
import { STRATEGIES } from '../../functions/aws/caching/strategies.ts'
import { property } from '../property.ts'

interface Input {
  readonly strategy: string
  readonly scenario: Scenario
}

export const gatewayCache = property<Input>({
  name: 'gateway cache',
  about: 'route tables, tokens and requests in a row, to a gateway that keeps answers',
  input: fc.record({ strategy: fc.constantFrom(...STRATEGIES.map(({ name }) => name)), scenario }),
  mustSee: ['kept', 'outlived', 'afresh', 'no table'],
  async check({ strategy, scenario: made }, fixture) {
    const chosen = STRATEGIES.find(({ name }) => name === strategy)!
    const answers = (await compareAnswers(createComparedApi(fixture.key), made, chosen))?.flat()
    if (answers === undefined) return 'no table'
    if (answers.some(({ outlived }) => outlived)) return 'outlived'
    return answers.some(({ hit }) => hit) ? 'kept' : 'afresh'
  },
})
