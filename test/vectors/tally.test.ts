// Which verdicts count as wrong.

import { describe, expect, test } from 'vitest'
import type { VectorCase, Verdict } from './suite.ts'
import { runPart, type StartTimer } from './tally.ts'

const refusal: Verdict = { where: 'core', accepted: false, status: 401, code: 'token_opaque' }

async function wrongIn(given: Partial<VectorCase>, startTimer?: StartTimer): Promise<string[]> {
  const one: VectorCase = { id: 'one', expect: 'refuse', run: async () => [refusal], ...given }
  const { wrong } = await runPart('suite', { name: 'part', cases: [one] }, startTimer)
  return wrong.map(({ what }) => what)
}

describe('a verdict is wrong', () => {
  test('unless it is the expected one', async () => {
    expect(await wrongIn({})).toEqual([])
    expect(await wrongIn({ expect: 'either' })).toEqual([])
    expect(await wrongIn({ departure: 'on purpose' })).toEqual([])
    expect(await wrongIn({ status: 401 })).toEqual([])
  })

  test.each<[why: string, given: Partial<VectorCase>, what: string]>([
    ['it is the other one', { expect: 'accept' }, 'core: refuse (token_opaque), not accept'],
    [
      'a stated departure does not take place',
      { departure: 'on purpose', run: async () => [{ ...refusal, accepted: true }] },
      'core: accept (token_opaque), not refuse',
    ],
    [
      'an edge answers 5xx, whatever the ruling',
      { expect: 'either', run: async () => [{ ...refusal, status: 503, code: 'internal_error' }] },
      'core: 503 (internal_error)',
    ],
    ['the status is another', { status: 400 }, 'core: status 401 (token_opaque), not 400'],
    [
      'places disagree',
      { expect: 'either', run: async () => [refusal, { ...refusal, where: 'worker', accepted: true }] },
      'core: refuse, worker: accept',
    ],
    ['a case gives no verdict', { run: async () => [] }, 'no verdict'],
    ['something throws', { run: () => Promise.reject(new RangeError('deep')) }, 'thrown: RangeError: deep'],
  ])('where %s', async (_, given, what) => {
    expect(await wrongIn(given)).toEqual([what])
  })

  test('if there is no answer in time', async () => {
    const never = { run: () => new Promise<never>(() => {}) }
    const late: StartTimer = (end) => {
      end()
      return () => {}
    }
    expect(await wrongIn(never, late)).toEqual(['thrown: Error: no verdict in 30 s'])
  })
})

test.each<[what: string, run: VectorCase['run']]>([
  ['answers', async () => [refusal]],
  ['throws', () => Promise.reject(new Error())],
])('the timer of a case that %s is stopped', async (_, run) => {
  let running = 0
  const count: StartTimer = () => {
    running++
    return () => void running--
  }
  let duringRun = 0
  await wrongIn({ run: () => ((duringRun = running), run()) }, count)
  expect([duringRun, running]).toEqual([1, 0])
})
