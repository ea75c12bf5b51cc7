import { expect, test } from 'vitest'
import type { Attempt, Verdict } from './oracle.ts'
import { coverageOf, compareWithOracle, passes, tallyOf, type AnsweredRequest } from './tally.ts'

const CLOCK = { originMs: 0, speed: 60 }
const HELD: readonly Attempt[] = [
  { startedAt: 900, offeredAt: 900, takenBy: 1_000, outcome: new Map([['a', 'usable']]) },
]

const answered = (verdict: Verdict | 'other', about: Partial<AnsweredRequest> = {}): AnsweredRequest => ({
  instance: 'Worker',
  phase: 0,
  kind: 'good',
  kid: 'a',
  sound: true,
  expiresAt: 10_000,
  sentAt: 2_000,
  answeredAt: 2_010,
  verdict,
  ...about,
})

test.each([
  ['good', 'allow', true, 'right'],
  ['good', 'deny', true, 'false denial'],
  ['good', 'unavailable', true, 'false denial'],
  ['good', 'other', true, 'wrong'],
  ['tampered', 'deny', false, 'right'],
  ['tampered', 'allow', false, 'wrong'],
  ['tampered', 'unavailable', false, 'wrong'],
] as const)('a %s token that gets %s', (kind, verdict, sound, finding) => {
  expect(compareWithOracle(answered(verdict, { kind, sound }), HELD, CLOCK).finding).toBe(finding)
})

test('everything is counted once', () => {
  const compared = [
    answered('allow'),
    answered('deny'),
    answered('unavailable', { sound: false }),
    answered('deny', { kind: 'unknown kid', kid: 'x', sentAt: 1_100 }),
  ].map((one) => compareWithOracle(one, HELD, CLOCK))
  expect(tallyOf(compared)).toEqual({
    requests: 4,
    allows: 1,
    denies: 2,
    unavailable: 1,
    wrong: 1,
    falseDenials: 1,
    either: 0,
  })
  expect(coverageOf(compared)[0]).toEqual({ age: 'fresh', known: 3, unknown: 1 })
})

const NONE = { wrong: 0, falseDenials: 0, overFetched: 0, unreached: 0, unsent: 0, trapped: 0 }

test('a drill passes with nothing to complain about', () => {
  expect(passes(NONE)).toBe(true)
})

test.each(Object.keys(NONE))('a drill fails on %s alone', (name) => {
  expect(passes({ ...NONE, [name]: 1 })).toBe(false)
})
