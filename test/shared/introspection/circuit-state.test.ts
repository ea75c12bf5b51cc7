// The state machine of how hard an issuer may be asked, as tables. Times are milliseconds since the epoch.

import { describe, expect, test } from 'vitest'
import {
  allowed,
  BACK_OFF,
  begun,
  ended,
  NEVER_ASKED,
  planCall,
  retryAfterSeconds,
  settle,
  type BackOff,
  type BackOffPolicy,
  type Call,
  type CallEnd,
  type CallPlan,
  type HoldReason,
  type Standing,
} from '../../../shared/introspection/circuit-state.ts'

const POLICY: BackOffPolicy = {
  maxCalls: 3,
  shares: { known: 1, unseen: 1, odd: 1 },
  callMs: 20_000,
  failures: 5,
  unauthorized: 2,
  answeredMs: 10_000,
  holdMs: 1_000,
  maxHoldMs: 30_000,
  refusedMs: 10_000,
}

const T = 1_800_000_000_000
const CALL: Call = { about: 'a', standing: 'unseen', at: T, isTrial: false }
const at = (time: number) => ({ at: time, standing: 'unseen' as const })
const TRIAL: Call = { ...CALL, isTrial: true }
const FIVE = ['1', '2', '3', '4', '5']

const held = (ms: number, agoMs = 0, why: HoldReason = 'failures'): BackOff => ({
  ...NEVER_ASKED,
  failed: FIVE,
  hold: { why, since: T - agoMs, ms },
})
const failing = (tokens: number): BackOff => ({ ...NEVER_ASKED, failed: FIVE.slice(0, tokens) })
const suspected: BackOff = { ...NEVER_ASKED, failed: ['1'], unauthorized: ['1'] }
const limited: BackOff = { ...held(1_000, 0, 'rate_limit'), failed: [] }
/** Two tokens had a 401, which may have been about our credentials. */
const guessed = (agoMs: number): BackOff => ({
  ...{ ...NEVER_ASKED, failed: ['1', '2'], unauthorized: ['1', '2'] },
  hold: { why: 'credentials', since: T - agoMs, ms: 10_000, isGuess: true },
})
const underWay = (count: number): BackOff => ({ ...NEVER_ASKED, calls: Array(count).fill(at(T)) })

describe('planCall', () => {
  test.each<[string, BackOff, CallPlan]>([
    ['never asked', NEVER_ASKED, CALL],
    ['room for one more', underWay(2), CALL],
    ['no room', underWay(3), 'busy'],
    ['failures, not enough of them', failing(4), CALL],
    ['the beginning of a hold', held(1_000), 'held'],
    ['the last moment of a hold', held(1_000, 999), 'held'],
    ['a hold that is over: one call finds out', held(1_000, 1_000), TRIAL],
    ['and while it does, no other', begun(held(1_000, 1_000), TRIAL), 'held'],
    ['a hold that is over, no room', { ...held(1_000, 1_000), calls: [at(T), at(T), at(T)] }, 'busy'],
  ])('%s', (_, state, plan) => {
    expect(planCall(state, POLICY, CALL, T)).toEqual(plan)
  })
})

describe('whose turn it is to find out whether our credentials are meant', () => {
  const firm = (agoMs: number): BackOff => held(10_000, agoMs, 'credentials')
  const plan = (state: BackOff, about: string, standing: Standing) => {
    const planned = planCall(state, POLICY, { about, standing }, T)
    return typeof planned === 'string' ? planned : planned.isTrial ? 'trial' : 'call'
  }

  test.each<[string, BackOff, string, Standing, string]>([
    ['a token that was active: at once', guessed(0), '3', 'known', 'trial'],
    ['but one at a time', begun(guessed(0), TRIAL), '3', 'known', 'held'],
    ['and not where a 401 was about our credentials', firm(9_999), '3', 'known', 'held'],
    ['nor after a 401 of its own', guessed(19_999), '1', 'known', 'held'],
    ['a new one: when the hold is over', guessed(10_000), '3', 'unseen', 'trial'],
    ['and not before', guessed(9_999), '3', 'unseen', 'held'],
    [
      'one that had a 401: when nobody else has come for as long again',
      guessed(20_000),
      '2',
      'unseen',
      'trial',
    ],
    ['and not before', guessed(19_999), '2', 'unseen', 'held'],
    ['one that failed otherwise: when the hold is over', held(1_000, 1_000), '1', 'unseen', 'trial'],
  ])('%s', (_, state, about, standing, expected) => {
    expect(plan(state, about, standing)).toBe(expected)
  })

  test('a 401 of a token that was active is more than a guess', () => {
    const after = (standing: Standing, state: BackOff) => {
      const call: Call = { about: '3', standing, at: T, isTrial: state.hold !== null }
      return ended(begun(state, call), POLICY, call, 'unauthorized', T).hold
    }
    const hold = { why: 'credentials', since: T, ms: 10_000 }
    expect(after('known', guessed(0))).toEqual(hold)
    expect(after('known', suspected)).toEqual(hold)
    expect(after('unseen', guessed(10_000))).toEqual({ ...hold, isGuess: true })
    expect(after('unseen', suspected)).toEqual({ ...hold, isGuess: true })
  })
})

describe('what a call that has ended changes', () => {
  const reason = (state: BackOff) => (state.hold === null ? 'open' : `${state.hold.why} ${state.hold.ms}`)

  test.each<[string, BackOff, Call, CallEnd, string]>([
    ['an answer', failing(4), CALL, 'answered', 'open'],
    ['the fourth failure', failing(3), CALL, 'failed', 'open'],
    ['the fifth failure', failing(4), CALL, 'failed', 'failures 1000'],
    [
      'the fifth failure, soon after an answer',
      { ...failing(4), answeredAt: T - 9_999 },
      CALL,
      'failed',
      'open',
    ],
    [
      'the fifth failure, a while after one',
      { ...failing(4), answeredAt: T - 10_000 },
      CALL,
      'failed',
      'failures 1000',
    ],
    [
      'the sixth failure, a while after one',
      { ...failing(5), answeredAt: T - 10_000 },
      CALL,
      'failed',
      'failures 1000',
    ],
    [
      'refused, soon after an answer',
      { ...NEVER_ASKED, answeredAt: T },
      CALL,
      'refused',
      'credentials 10000',
    ],
    ['the fifth failure, of a token that has failed', failing(4), { ...CALL, about: '2' }, 'failed', 'open'],
    ['a failure that was under way when the gate closed', held(1_000), CALL, 'failed', 'failures 1000'],
    ['an answer that was under way when the gate closed', held(1_000), CALL, 'answered', 'open'],
    ['a trial that fails', held(1_000), TRIAL, 'failed', 'failures 2000'],
    ['a later trial that fails', held(16_000), TRIAL, 'failed', 'failures 30000'],
    ['a trial that fails at last', held(30_000), TRIAL, 'failed', 'failures 30000'],
    ['a trial that is answered', held(30_000), TRIAL, 'answered', 'open'],
    ['a trial of which nothing came', held(4_000), TRIAL, 'nothing', 'failures 4000'],
    ['refused', NEVER_ASKED, CALL, 'refused', 'credentials 10000'],
    ['refused, under way before', held(1_000), CALL, 'refused', 'failures 1000'],
    ['a trial that is refused', held(1_000), TRIAL, 'refused', 'credentials 10000'],
    ['a trial that is refused again', held(10_000, 0, 'credentials'), TRIAL, 'refused', 'credentials 10000'],
    ['a trial that fails after a refusal', held(10_000, 0, 'credentials'), TRIAL, 'failed', 'failures 1000'],
    ['401, of one token', NEVER_ASKED, CALL, 'unauthorized', 'open'],
    ['401, of that token again', suspected, { ...CALL, about: '1' }, 'unauthorized', 'open'],
    ['401, of a second token', suspected, CALL, 'unauthorized', 'credentials 10000'],
    [
      '401, of a second token, soon after an answer',
      { ...suspected, answeredAt: T - 9_999 },
      CALL,
      'unauthorized',
      'open',
    ],
    [
      '401, of a third token, a while after one',
      { ...suspected, unauthorized: ['1', '2'], answeredAt: T - 10_000 },
      CALL,
      'unauthorized',
      'credentials 10000',
    ],
    ['401, of the fifth token that fails', failing(4), CALL, 'unauthorized', 'failures 1000'],
    ['a failure after one 401', suspected, CALL, 'failed', 'open'],
    ['401, under way before', held(1_000), CALL, 'unauthorized', 'failures 1000'],
    ['a trial with 401, where it was down', held(4_000), TRIAL, 'unauthorized', 'failures 1000'],
    ['a trial with 401, where there were too many questions', limited, TRIAL, 'unauthorized', 'open'],
    [
      'a trial with 401, where credentials may be refused',
      guessed(0),
      TRIAL,
      'unauthorized',
      'credentials 10000',
    ],
    ['a trial that fails, where credentials may be refused', guessed(0), TRIAL, 'failed', 'failures 1000'],
    ['an answer to a trial, where credentials may be refused', guessed(0), TRIAL, 'answered', 'open'],
    ['asked to wait', NEVER_ASKED, CALL, 7_000, 'rate_limit 7000'],
    ['asked to wait for longer than is waited', NEVER_ASKED, CALL, 3_600_000, 'rate_limit 30000'],
    ['asked to wait for no time', NEVER_ASKED, CALL, 0, 'rate_limit 1000'],
    ['nothing', failing(4), CALL, 'nothing', 'open'],
  ])('%s', (_, state, call, end, expected) => {
    expect(reason(ended(begun(state, call), POLICY, call, end, T))).toBe(expected)
  })

  test('failures are in a row: an answer forgets them, and nothing does not', () => {
    expect(ended(begun(failing(4), CALL), POLICY, CALL, 'answered', T)).toEqual({
      ...NEVER_ASKED,
      answeredAt: T,
    })
    expect(ended(begun(failing(4), CALL), POLICY, CALL, 'nothing', T)).toEqual(failing(4))
    expect(ended(begun(suspected, CALL), POLICY, CALL, 'answered', T)).toMatchObject({ unauthorized: [] })
    expect(ended(begun(suspected, CALL), POLICY, CALL, 'nothing', T)).toEqual(suspected)
  })

  test.each<CallEnd>(['answered', 'failed', 'refused', 'unauthorized', 'nothing', 5_000])(
    '%s makes room',
    (end) => {
      const two = begun(begun(NEVER_ASKED, CALL), { ...CALL, about: 'b', at: T - 5 })
      expect(ended(two, POLICY, CALL, end, T).calls).toEqual([at(T - 5)])
    },
  )

  test.each<CallEnd>(['answered', 'failed', 'refused', 'unauthorized', 'nothing', 5_000])(
    '%s ends a trial',
    (end) => {
      expect(ended(begun(held(1_000, 1_000), TRIAL), POLICY, TRIAL, end, T).trial).toBeNull()
    },
  )

  test('only the trial itself ends the trial', () => {
    const state = begun(held(1_000, 1_000), TRIAL)
    const earlier: Call = { ...CALL, about: 'b', at: T - 5 }
    expect(ended(begun(state, earlier), POLICY, earlier, 'failed', T)).toEqual(state)
  })
})

describe('calls that were cut off, and a clock that was set back', () => {
  const settled = (state: BackOff) => settle(state, POLICY, T)

  test('a call that never comes back takes no room for ever', () => {
    const calls = [T - 20_000, T - 19_999, T].map(at)
    expect(settled({ ...NEVER_ASKED, calls }).calls).toEqual([T - 19_999, T].map(at))
  })

  test('a trial that never comes back is followed by another', () => {
    const state = { ...held(1_000, 30_000), trial: T - 20_000 }
    expect(planCall(settled(state), POLICY, CALL, T)).toEqual(TRIAL)
    expect(planCall(settled({ ...state, trial: T - 19_999 }), POLICY, CALL, T)).toBe('held')
  })

  test('what lies in the future has not happened', () => {
    expect(settled({ ...held(1_000, -1), calls: [at(T + 1)], trial: T + 1, answeredAt: T + 1 })).toEqual({
      ...NEVER_ASKED,
      failed: FIVE,
    })
  })

  test.each([
    NEVER_ASKED,
    underWay(3),
    held(1_000),
    { ...NEVER_ASKED, answeredAt: T },
    begun(held(1_000, 1_000), TRIAL),
  ])('nothing else is touched: %o', (state) => {
    expect(settled(state)).toEqual(state)
  })
})

describe('what tokens of one standing leave to the others', () => {
  const policy: BackOffPolicy = { ...POLICY, maxCalls: 8, shares: BACK_OFF.shares }
  const plan = (state: BackOff, standing: Standing) => {
    const planned = planCall(state, policy, { about: 'a', standing }, T)
    return typeof planned === 'string' ? planned : 'asked'
  }
  const plans = (state: BackOff) => [plan(state, 'known'), plan(state, 'unseen'), plan(state, 'odd')]
  const places = (counts: Partial<Record<Standing, number>>): BackOff => ({
    ...NEVER_ASKED,
    calls: Object.entries(counts).flatMap(([standing, count]) =>
      Array.from({ length: count }, () => ({ at: T, standing: standing as Standing })),
    ),
  })

  test.each<[string, BackOff, string[]]>([
    ['nobody', places({}), ['asked', 'asked', 'asked']],
    ['odd ones, one less than may be', places({ odd: 3 }), ['asked', 'asked', 'asked']],
    ['as many odd ones as may be', places({ odd: 4 }), ['asked', 'asked', 'busy']],
    ['odd and unseen ones, one less than may be', places({ odd: 4, unseen: 1 }), ['asked', 'asked', 'busy']],
    ['as many odd and unseen ones as may be', places({ odd: 4, unseen: 2 }), ['asked', 'busy', 'busy']],
    ['as many unseen ones as may be', places({ unseen: 6 }), ['asked', 'busy', 'asked']],
    ['known ones, who take no place of the others', places({ known: 6 }), ['asked', 'asked', 'asked']],
    ['as many as may be of all', places({ known: 2, unseen: 6 }), ['busy', 'busy', 'busy']],
    ['as many known ones as may be', places({ known: 8 }), ['busy', 'busy', 'busy']],
  ])('places: %s', (_, state, expected) => {
    expect(plans(state)).toEqual(expected)
  })

  const allowing = (remaining: number, calls: BackOff = NEVER_ASKED): BackOff =>
    allowed(calls, { limit: 100, remaining, until: T + 60_000 }, T)

  test.each<[string, BackOff, string[]]>([
    ['more than half is left', allowing(51), ['asked', 'asked', 'asked']],
    ['half is left', allowing(50), ['asked', 'asked', 'reserved']],
    [
      'half is left but for what is under way',
      allowing(51, places({ known: 1 })),
      ['asked', 'asked', 'reserved'],
    ],
    ['more than a quarter is left', allowing(26), ['asked', 'asked', 'reserved']],
    ['a quarter is left', allowing(25), ['asked', 'reserved', 'reserved']],
    ['nothing is left', allowing(0), ['asked', 'reserved', 'reserved']],
    ['nothing is left, and there is a hold', allowing(0, held(1_000)), ['held', 'held', 'held']],
  ])('allowance: %s', (_, state, expected) => {
    expect(plans(state)).toEqual(expected)
  })

  test('an allowance lasts until its end, and through answers', () => {
    const state = allowing(0)
    expect(ended(begun(state, CALL), policy, CALL, 'answered', T)).toMatchObject({
      allowance: state.allowance,
    })
    expect(settle(state, policy, T + 59_999).allowance).toBe(state.allowance)
    expect(settle(state, policy, T + 60_000).allowance).toBeNull()
    expect(settle(state, policy, T - 1).allowance).toBeNull()
  })

  test('whoever is refused for the allowance is told its end, within bounds, and others are not', () => {
    const until = (ms: number) => allowed(NEVER_ASKED, { limit: 100, remaining: 0, until: T + ms }, T)
    expect(retryAfterSeconds(until(7_000), policy, true, T)).toBe(7)
    expect(retryAfterSeconds(until(3_600_000), policy, true, T)).toBe(30)
    expect(retryAfterSeconds(until(7_000), policy, false, T)).toBe(1)
    expect(retryAfterSeconds(NEVER_ASKED, policy, true, T)).toBe(1)
  })
})

test.each([
  [NEVER_ASKED, 1],
  [underWay(3), 1],
  [held(1_000), 1],
  [held(10_000), 10],
  [held(10_000, 500), 10],
  [held(10_000, 9_001), 1],
  [held(10_000, 99_000), 1],
])('%o is worth another try in %d s', (state, seconds) => {
  expect(retryAfterSeconds(state, POLICY, false, T)).toBe(seconds)
})
