import { expect, test } from 'vitest'
import type { JudgedLoad, RevocationDrillResult } from './result.ts'
import { percentile, reportRevocationDrill, shareWithin } from './report.ts'

const ANSWER: JudgedLoad = {
  ...{ written: null, verdict: 'allow', sentAt: 10, answeredAt: 20, refusedAt: null, knownAt: null },
  ...{ phase: 0, number: 1, finding: 'right' },
}

const delay = (ms: number) => ({ ms, boundMs: 6_000, isOutage: false })

function resultWith(answered: readonly JudgedLoad[], more: object = {}): RevocationDrillResult {
  const one = { answered: [ANSWER], delays: [delay(1_000)], missed: 0, unsent: 0 }
  const bound = { seconds: 60, reachableSeconds: 6 }
  return {
    times: { refreshSeconds: 5, staleSeconds: 60 },
    bounds: { cloudflare: bound, aws: bound },
    phases: [{ name: 'usual', fault: 'none', seconds: 40 }],
    of: { 'Worker 1': { ...one, answered, ...more }, 'Worker 2': one, 'Lambda 1': one, 'Lambda 2': one },
    written: { cloudflare: { stored: 40_000, failed: 0 }, aws: { stored: 800, failed: 0 } },
    answering: { cloudflare: 40, aws: 40 },
  }
}

const passes = (result: RevocationDrillResult) =>
  [false, true].map((isBusy) => reportRevocationDrill(result, isBusy).passed)

test('a drill without a finding passes', () => {
  expect(passes(resultWith([ANSWER]))).toEqual([true, true])
  const { text } = reportRevocationDrill(resultWith([ANSWER]), false)
  expect(text).toContain(
    'As it should be: 4 requests: 4 allows, 0 refused as revoked, 0 503s; 0 wrong verdicts',
  )
  expect(text).toContain('took 40000 (1000 a second')
})

test.each([
  'revoked, allowed',
  'refused, allowed again',
  'no news, allowed',
  'not revoked, refused',
  'no verdict',
] as const)('one answer that is "%s" fails it, also on a busy machine', (finding) => {
  const result = resultWith([{ ...ANSWER, finding }])
  expect(passes(result)).toEqual([false, false])
  expect(reportRevocationDrill(result, false).text).toContain(`${finding}: 1`)
})

test('a revocation that was never seen fails it', () => {
  expect(passes(resultWith([ANSWER], { missed: 1 }))).toEqual([false, false])
})

test('a 503 that came too early, and an instance that misses N, fail it unless the machine is busy', () => {
  expect(passes(resultWith([{ ...ANSWER, finding: 'unavailable' }]))).toEqual([false, true])
  const delays = [...Array.from({ length: 98 }, () => delay(1)), delay(6_001), delay(6_001)]
  expect(passes(resultWith([ANSWER], { delays }))).toEqual([false, true])
  expect(passes(resultWith([ANSWER], { delays: delays.slice(0, 99) }))).toEqual([false, true])
  expect(passes(resultWith([ANSWER], { delays: [...delays.slice(0, 99), delay(1)] }))).toEqual([true, true])
})

test('a percentile is the nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
  expect([0.5, 0.9, 0.99, 1].map((share) => percentile(hundred, share))).toEqual([50, 90, 99, 100])
  expect(percentile([7], 0.5)).toBe(7)
  expect(percentile([], 0.5)).toBeNull()
  expect(shareWithin([])).toBe(1)
})
