import { expect, test } from 'vitest'
import type { ClockFigures } from './clocks.ts'
import { NO_ANSWER } from './answer.ts'
import type { FlatFigures } from './flat.ts'
import { EXPECTED, type Finding, type Kind } from './oracle.ts'
import type { OutageFigures } from './outage.ts'
import { reportDpopDrill } from './report.ts'
import type { DpopDrillResult } from './result.ts'

const PAIRS = {
  ...{ exactlyOne: 10_000, none: 0, both: 0, other: 0, repeated: 3, allowedBy: [5_100, 4_900] as const },
  seconds: 100,
}

const FOUND: Record<Finding, number> = {
  ...{ right: 5, 'wrong verdict': 0, 'false denial': 0, 'another reason': 0, unavailable: 0, 'no answer': 0 },
}

const kinds = Object.keys(EXPECTED) as Kind[]
const mixOf = (change: Partial<Record<Finding, number>> = {}) =>
  new Map([
    [
      'Worker 1',
      Object.fromEntries(
        kinds.map((kind) => [kind, kind === 'two proofs' ? { ...FOUND, ...change } : FOUND]),
      ) as Record<Kind, Record<Finding, number>>,
    ],
  ])

const CLOCK: ClockFigures = {
  ...{ instance: 'Worker with nonces', hasNonces: true, skewSeconds: -600, requests: 100 },
  ...{ passed: 100, stale: 0, roundTrips: 1, other: 0 },
}
const WITHOUT_NONCES: ClockFigures = { ...CLOCK, hasNonces: false, passed: 0, stale: 100, roundTrips: 0 }

const DOWN: OutageFigures = {
  ...{ edge: 'cloudflare', fault: 'killed', otherCodes: 0, slowestMs: 1_020 },
  before: { allow: 50, other: 0 },
  strong: { allow: 0, refused: 0, unavailable: 50, none: 0 },
  plain: { allow: 50, other: 0 },
  after: { allow: 50, other: 0 },
  again: { sent: 50, twice: 0 },
}
const SLOWER: OutageFigures = {
  ...DOWN,
  fault: 'slower than usual',
  strong: { allow: 50, refused: 0, unavailable: 0, none: 0 },
}

const MEGABYTE = 1024 * 1024
const samplesOf = (bytesEach: number) =>
  Array.from({ length: 200 }, (_, index) => ({
    tokens: (index + 1) * 5_000,
    bytes: 100 * MEGABYTE + bytesEach * (index + 1) * 5_000,
  }))

const FLAT: FlatFigures = {
  ...{ edge: 'Lambda', clients: 'few', memory: 'heap', samples: samplesOf(0), wrong: 0, seconds: 1_000 },
  ...{ full: 4, dropped: 40_000, arrayBytes: 2_000_000 },
}

const GOOD: DpopDrillResult = {
  pairs: { cloudflare: PAIRS, aws: PAIRS },
  mix: { of: mixOf(), oddities: [] },
  clocks: [CLOCK, WITHOUT_NONCES],
  outages: [DOWN, SLOWER],
  flat: [FLAT],
  memoryBytes: 2_000_000,
}

const passes = (result: DpopDrillResult) =>
  [false, true].map((isBusy) => reportDpopDrill(result, isBusy).passed)

test('a drill without a finding passes', () => {
  expect(passes(GOOD)).toEqual([true, true])
  const { text } = reportDpopDrill(GOOD, false)
  expect(text).toContain('As it should be: 10,000 and 10,000 pairs with exactly one use, no wrong verdict')
  expect(text).not.toContain('NOT as it should be')
})

const pairsWith = (change: Partial<typeof PAIRS>): Partial<DpopDrillResult> => ({
  pairs: { cloudflare: PAIRS, aws: { ...PAIRS, ...change } },
})
const outageWith = (change: Partial<OutageFigures>): Partial<DpopDrillResult> => ({
  outages: [{ ...DOWN, ...change }, SLOWER],
})
const slowerWith = (change: Partial<OutageFigures>): Partial<DpopDrillResult> => ({
  outages: [DOWN, { ...SLOWER, ...change }],
})
const clocksWith = (of: ClockFigures, change: Partial<ClockFigures>): Partial<DpopDrillResult> => ({
  clocks: [{ ...of, ...change }],
})
const flatWith = (change: Partial<FlatFigures>): Partial<DpopDrillResult> => ({
  flat: [{ ...FLAT, ...change }],
})
const mixWith = (change: Partial<Record<Finding, number>>): Partial<DpopDrillResult> => ({
  mix: { of: mixOf(change), oddities: [] },
})

test.each([
  ['a proof passes twice', pairsWith({ both: 1 }), '1 proofs passed twice'],
  ['a proof does not pass', pairsWith({ none: 1 }), '1 proofs did not pass at all'],
  ['a pair has another answer', pairsWith({ other: 1 }), '1 pairs have no answer, or another one'],
  ['an instance never wins', pairsWith({ allowedBy: [10_000, 0] as never }), 'one of them never allowed'],
  ['a verdict is wrong', mixWith({ 'wrong verdict': 1 }), '1 answers: wrong verdict'],
  ['a good request is refused', mixWith({ 'false denial': 1 }), '1 answers: false denial'],
  ['a refusal has another reason', mixWith({ 'another reason': 1 }), '1 answers: another reason'],
  ['there is no answer', mixWith({ 'no answer': 1 }), '1 answers: no answer'],
  ['a kind was not sent', mixWith({ right: 0 }), 'no right answer of the kind: two proofs'],
  ['a client with a nonce does not pass', clocksWith(CLOCK, { passed: 99 }), '99 of 100 requests passed'],
  ['a nonce is demanded twice', clocksWith(CLOCK, { roundTrips: 2 }), '2 round trips for a nonce'],
  ['no nonce is demanded', clocksWith(CLOCK, { roundTrips: 0 }), '0 round trips for a nonce'],
  ['a wrong clock passes', clocksWith(WITHOUT_NONCES, { passed: 1, stale: 99 }), '1 of 100 requests passed'],
  [
    'a request passes without the store',
    outageWith({ strong: { ...DOWN.strong, allow: 1 } }),
    '1 requests passed',
  ],
  ['an outage gives a 401', outageWith({ strong: { ...DOWN.strong, refused: 1 } }), 'as if the client'],
  [
    'an outage gives no answer',
    outageWith({ strong: { ...DOWN.strong, none: 1 } }),
    '1 requests have no answer',
  ],
  ['a 503 has another reason', outageWith({ otherCodes: 1 }), '1 503s have another reason'],
  [
    'the other route fails as well',
    outageWith({ plain: { allow: 49, other: 1 } }),
    '1 requests to the other',
  ],
  [
    'nothing passes afterwards',
    outageWith({ after: { allow: 0, other: 50 } }),
    'no new proof passed afterwards',
  ],
  ['no proof is sent again', outageWith({ again: { sent: 0, twice: 0 } }), 'no proof was sent again'],
  ['a proof passes twice afterwards', outageWith({ again: { sent: 9, twice: 1 } }), '1 proofs passed twice'],
  ['an answer of the many is wrong', flatWith({ wrong: 1 }), '1 wrong answers'],
  ['memory grows', flatWith({ samples: samplesOf(20) }), 'memory grows by'],
  ['used proofs take more', flatWith({ arrayBytes: 3_000_000 }), '2.9 MB of used proofs'],
  ['the memory is never full', flatWith({ full: 0 }), 'no event replay_memory_full'],
] as const)('it fails if %s, also on a busy machine', (_, change, sentence) => {
  const result = { ...GOOD, ...change }
  expect(passes(result)).toEqual([false, false])
  expect(reportDpopDrill(result, true).text).toContain(sentence)
})

test.each([
  ['a 503 of a store that answers', mixWith({ unavailable: 1 })],
  ['a 503 within the wait', slowerWith({ strong: { ...SLOWER.strong, unavailable: 1 } })],
  ['a store within the wait that lets nothing pass', slowerWith({ strong: DOWN.strong })],
  ['a proof that did not pass before', outageWith({ before: { allow: 49, other: 1 } })],
  ['an answer that came late', outageWith({ slowestMs: 1_501 })],
  ['a new proof that did not pass afterwards', outageWith({ after: { allow: 49, other: 1 } })],
] as const)('%s fails it unless the machine is busy', (_, change) => {
  expect(passes({ ...GOOD, ...change })).toEqual([false, true])
})

test('resident memory of few proofs says nothing', () => {
  const samples = samplesOf(400).map(({ tokens, bytes }) => ({ tokens: tokens / 100, bytes }))
  const short: FlatFigures = { ...FLAT, edge: 'Worker', memory: 'resident', samples, arrayBytes: null }
  expect(passes({ ...GOOD, flat: [short] })).toEqual([true, true])
  expect(reportDpopDrill({ ...GOOD, flat: [short] }, false).text).toContain('too short to tell')
  const long = { ...short, samples: samplesOf(400) }
  expect(passes({ ...GOOD, flat: [long] })).toEqual([false, false])
})

test('an answer that is not right is shown with what came', () => {
  const answer = { ...NO_ANSWER, verdict: 'allow', status: 200, code: 'access_token', tookMs: 12.4 } as const
  const oddity = { instance: 'Worker 1', kind: 'two proofs', route: 'GET /orders', answer } as const
  const { text } = reportDpopDrill({ ...GOOD, mix: { of: mixOf(), oddities: [oddity] } }, false)
  expect(text).toContain('Worker 1, GET /orders, two proofs: allow 200 access_token after 12 ms')
})
