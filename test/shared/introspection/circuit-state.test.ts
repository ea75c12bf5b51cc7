// The state machine of the circuit breaker, as tables. Times are milliseconds since the epoch.

import { describe, expect, test } from 'vitest'
import {
  setAllowance,
  CIRCUIT_POLICY,
  startCall,
  endCall,
  CLOSED,
  planCall,
  retryAfterSeconds,
  expireCalls,
  type CircuitState,
  type CircuitPolicy,
  type Call,
  type CallEnd,
  type CallPlan,
  type OpenReason,
  type Standing,
} from '../../../shared/introspection/circuit-state.ts'

const POLICY: CircuitPolicy = {
  maxCalls: 3,
  shares: { known: 1, unseen: 1, odd: 1 },
  callMs: 20_000,
  failures: 5,
  unauthorized: 2,
  answeredMs: 10_000,
  openMs: 1_000,
  maxOpenMs: 30_000,
  refusedMs: 10_000,
}

const T = 1_800_000_000_000
const CALL: Call = { tokenKey: 'a', standing: 'unseen', at: T, isProbe: false }
const at = (time: number) => ({ at: time, standing: 'unseen' as const })
const PROBE: Call = { ...CALL, isProbe: true }
const FIVE = ['1', '2', '3', '4', '5']

const open = (ms: number, agoMs = 0, reason: OpenReason = 'failures'): CircuitState => ({
  ...CLOSED,
  failed: FIVE,
  opening: { reason, since: T - agoMs, ms },
})
const failing = (tokens: number): CircuitState => ({ ...CLOSED, failed: FIVE.slice(0, tokens) })
const suspected: CircuitState = { ...CLOSED, failed: ['1'], unauthorized: ['1'] }
const limited: CircuitState = { ...open(1_000, 0, 'rate_limit'), failed: [] }
/** Two tokens got 401, which may mean that our credentials were refused. */
const guessed = (agoMs: number): CircuitState => ({
  ...{ ...CLOSED, failed: ['1', '2'], unauthorized: ['1', '2'] },
  opening: { reason: 'credentials', since: T - agoMs, ms: 10_000, isGuess: true },
})
const underWay = (count: number): CircuitState => ({ ...CLOSED, calls: Array(count).fill(at(T)) })

describe('planCall', () => {
  test.each<[string, CircuitState, CallPlan]>([
    ['never called', CLOSED, CALL],
    ['room for one more', underWay(2), CALL],
    ['no room', underWay(3), 'busy'],
    ['failures, not enough of them', failing(4), CALL],
    ['just opened', open(1_000), 'open'],
    ['open for one more millisecond', open(1_000, 999), 'open'],
    ['no longer open: one probe', open(1_000, 1_000), PROBE],
    ['and no other call during the probe', startCall(open(1_000, 1_000), PROBE), 'open'],
    ['no longer open, no room', { ...open(1_000, 1_000), calls: [at(T), at(T), at(T)] }, 'busy'],
  ])('%s', (_, state, plan) => {
    expect(planCall(state, POLICY, CALL, T)).toEqual(plan)
  })
})

describe('which token may probe whether our credentials are refused', () => {
  const firm = (agoMs: number): CircuitState => open(10_000, agoMs, 'credentials')
  const plan = (state: CircuitState, tokenKey: string, standing: Standing) => {
    const planned = planCall(state, POLICY, { tokenKey, standing }, T)
    return typeof planned === 'string' ? planned : planned.isProbe ? 'probe' : 'call'
  }

  test.each<[string, CircuitState, string, Standing, string]>([
    ['a token that was active: at once', guessed(0), '3', 'known', 'probe'],
    ['but one at a time', startCall(guessed(0), PROBE), '3', 'known', 'open'],
    ['and not where a 401 was about our credentials', firm(9_999), '3', 'known', 'open'],
    ['nor after a 401 of its own', guessed(19_999), '1', 'known', 'open'],
    ['a new one: when it is no longer open', guessed(10_000), '3', 'unseen', 'probe'],
    ['and not before', guessed(9_999), '3', 'unseen', 'open'],
    [
      'one that had a 401: when nobody else has come for as long again',
      guessed(20_000),
      '2',
      'unseen',
      'probe',
    ],
    ['and not before', guessed(19_999), '2', 'unseen', 'open'],
    ['one that failed otherwise: when it is no longer open', open(1_000, 1_000), '1', 'unseen', 'probe'],
  ])('%s', (_, state, about, standing, expected) => {
    expect(plan(state, about, standing)).toBe(expected)
  })

  test('a 401 of a token that was active is more than a guess', () => {
    const after = (standing: Standing, state: CircuitState) => {
      const call: Call = { tokenKey: '3', standing, at: T, isProbe: state.opening !== null }
      return endCall(startCall(state, call), POLICY, call, 'unauthorized', T).opening
    }
    const expected = { reason: 'credentials', since: T, ms: 10_000 }
    expect(after('known', guessed(0))).toEqual(expected)
    expect(after('known', suspected)).toEqual(expected)
    expect(after('unseen', guessed(10_000))).toEqual({ ...expected, isGuess: true })
    expect(after('unseen', suspected)).toEqual({ ...expected, isGuess: true })
  })
})

describe('the state after a call', () => {
  const reason = (state: CircuitState) =>
    state.opening === null ? 'closed' : `${state.opening.reason} ${state.opening.ms}`

  test.each<[string, CircuitState, Call, CallEnd, string]>([
    ['an answer', failing(4), CALL, 'answered', 'closed'],
    ['the fourth failure', failing(3), CALL, 'failed', 'closed'],
    ['the fifth failure', failing(4), CALL, 'failed', 'failures 1000'],
    [
      'the fifth failure, soon after an answer',
      { ...failing(4), answeredAt: T - 9_999 },
      CALL,
      'failed',
      'closed',
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
    ['refused, soon after an answer', { ...CLOSED, answeredAt: T }, CALL, 'refused', 'credentials 10000'],
    [
      'the fifth failure, of a token that has failed',
      failing(4),
      { ...CALL, tokenKey: '2' },
      'failed',
      'closed',
    ],
    ['a failure that was under way when the circuit opened', open(1_000), CALL, 'failed', 'failures 1000'],
    ['an answer that was under way when the circuit opened', open(1_000), CALL, 'answered', 'closed'],
    ['a probe that fails', open(1_000), PROBE, 'failed', 'failures 2000'],
    ['a later probe that fails', open(16_000), PROBE, 'failed', 'failures 30000'],
    ['a probe that fails at last', open(30_000), PROBE, 'failed', 'failures 30000'],
    ['a probe that is answered', open(30_000), PROBE, 'answered', 'closed'],
    ['a probe that made no request', open(4_000), PROBE, 'nothing', 'failures 4000'],
    ['refused', CLOSED, CALL, 'refused', 'credentials 10000'],
    ['refused, under way before', open(1_000), CALL, 'refused', 'failures 1000'],
    ['a probe that is refused', open(1_000), PROBE, 'refused', 'credentials 10000'],
    ['a probe that is refused again', open(10_000, 0, 'credentials'), PROBE, 'refused', 'credentials 10000'],
    ['a probe that fails after a refusal', open(10_000, 0, 'credentials'), PROBE, 'failed', 'failures 1000'],
    ['401, of one token', CLOSED, CALL, 'unauthorized', 'closed'],
    ['401, of that token again', suspected, { ...CALL, tokenKey: '1' }, 'unauthorized', 'closed'],
    ['401, of a second token', suspected, CALL, 'unauthorized', 'credentials 10000'],
    [
      '401, of a second token, soon after an answer',
      { ...suspected, answeredAt: T - 9_999 },
      CALL,
      'unauthorized',
      'closed',
    ],
    [
      '401, of a third token, a while after one',
      { ...suspected, unauthorized: ['1', '2'], answeredAt: T - 10_000 },
      CALL,
      'unauthorized',
      'credentials 10000',
    ],
    ['401, of the fifth token that fails', failing(4), CALL, 'unauthorized', 'failures 1000'],
    ['a failure after one 401', suspected, CALL, 'failed', 'closed'],
    ['401, under way before', open(1_000), CALL, 'unauthorized', 'failures 1000'],
    ['a probe with 401, where it was down', open(4_000), PROBE, 'unauthorized', 'failures 1000'],
    ['a probe with 401, where there were too many questions', limited, PROBE, 'unauthorized', 'closed'],
    [
      'a probe with 401, where credentials may be refused',
      guessed(0),
      PROBE,
      'unauthorized',
      'credentials 10000',
    ],
    ['a probe that fails, where credentials may be refused', guessed(0), PROBE, 'failed', 'failures 1000'],
    ['an answer to a probe, where credentials may be refused', guessed(0), PROBE, 'answered', 'closed'],
    ['rate limited', CLOSED, CALL, 7_000, 'rate_limit 7000'],
    ['rate limited for longer than is waited', CLOSED, CALL, 3_600_000, 'rate_limit 30000'],
    ['rate limited for no time', CLOSED, CALL, 0, 'rate_limit 1000'],
    ['nothing', failing(4), CALL, 'nothing', 'closed'],
  ])('%s', (_, state, call, end, expected) => {
    expect(reason(endCall(startCall(state, call), POLICY, call, end, T))).toBe(expected)
  })

  test('failures count in a row: an answer resets them, a call without a result does not', () => {
    expect(endCall(startCall(failing(4), CALL), POLICY, CALL, 'answered', T)).toEqual({
      ...CLOSED,
      answeredAt: T,
    })
    expect(endCall(startCall(failing(4), CALL), POLICY, CALL, 'nothing', T)).toEqual(failing(4))
    expect(endCall(startCall(suspected, CALL), POLICY, CALL, 'answered', T)).toMatchObject({
      unauthorized: [],
    })
    expect(endCall(startCall(suspected, CALL), POLICY, CALL, 'nothing', T)).toEqual(suspected)
  })

  test.each<CallEnd>(['answered', 'failed', 'refused', 'unauthorized', 'nothing', 5_000])(
    '%s releases its place',
    (end) => {
      const two = startCall(startCall(CLOSED, CALL), { ...CALL, tokenKey: 'b', at: T - 5 })
      expect(endCall(two, POLICY, CALL, end, T).calls).toEqual([at(T - 5)])
    },
  )

  test.each<CallEnd>(['answered', 'failed', 'refused', 'unauthorized', 'nothing', 5_000])(
    '%s ends a probe',
    (end) => {
      expect(endCall(startCall(open(1_000, 1_000), PROBE), POLICY, PROBE, end, T).probe).toBeNull()
    },
  )

  test('only the probe itself ends the probe', () => {
    const state = startCall(open(1_000, 1_000), PROBE)
    const earlier: Call = { ...CALL, tokenKey: 'b', at: T - 5 }
    expect(endCall(startCall(state, earlier), POLICY, earlier, 'failed', T)).toEqual(state)
  })
})

describe('calls that were cut off, and a clock that was set back', () => {
  const settled = (state: CircuitState) => expireCalls(state, POLICY, T)

  test('a call that never ends releases its place in time', () => {
    const calls = [T - 20_000, T - 19_999, T].map(at)
    expect(settled({ ...CLOSED, calls }).calls).toEqual([T - 19_999, T].map(at))
  })

  test('a probe that never ends is followed by another', () => {
    const state = { ...open(1_000, 30_000), probe: T - 20_000 }
    expect(planCall(settled(state), POLICY, CALL, T)).toEqual(PROBE)
    expect(planCall(settled({ ...state, probe: T - 19_999 }), POLICY, CALL, T)).toBe('open')
  })

  test('times in the future are ignored', () => {
    expect(settled({ ...open(1_000, -1), calls: [at(T + 1)], probe: T + 1, answeredAt: T + 1 })).toEqual({
      ...CLOSED,
      failed: FIVE,
    })
  })

  test.each([
    CLOSED,
    underWay(3),
    open(1_000),
    { ...CLOSED, answeredAt: T },
    startCall(open(1_000, 1_000), PROBE),
  ])('the rest of the state is unchanged: %o', (state) => {
    expect(settled(state)).toEqual(state)
  })
})

describe('the share that one class of tokens leaves to the others', () => {
  const policy: CircuitPolicy = { ...POLICY, maxCalls: 8, shares: CIRCUIT_POLICY.shares }
  const plan = (state: CircuitState, standing: Standing) => {
    const planned = planCall(state, policy, { tokenKey: 'a', standing }, T)
    return typeof planned === 'string' ? planned : 'call'
  }
  const plans = (state: CircuitState) => [plan(state, 'known'), plan(state, 'unseen'), plan(state, 'odd')]
  const places = (counts: Partial<Record<Standing, number>>): CircuitState => ({
    ...CLOSED,
    calls: Object.entries(counts).flatMap(([standing, count]) =>
      Array.from({ length: count }, () => ({ at: T, standing: standing as Standing })),
    ),
  })

  test.each<[string, CircuitState, string[]]>([
    ['no call', places({}), ['call', 'call', 'call']],
    ['odd ones, one less than may be', places({ odd: 3 }), ['call', 'call', 'call']],
    ['as many odd ones as may be', places({ odd: 4 }), ['call', 'call', 'busy']],
    ['odd and unseen ones, one less than may be', places({ odd: 4, unseen: 1 }), ['call', 'call', 'busy']],
    ['as many odd and unseen ones as may be', places({ odd: 4, unseen: 2 }), ['call', 'busy', 'busy']],
    ['as many unseen ones as may be', places({ unseen: 6 }), ['call', 'busy', 'call']],
    ['known ones, who take no place of the others', places({ known: 6 }), ['call', 'call', 'call']],
    ['as many as may be of all', places({ known: 2, unseen: 6 }), ['busy', 'busy', 'busy']],
    ['as many known ones as may be', places({ known: 8 }), ['busy', 'busy', 'busy']],
  ])('places: %s', (_, state, expected) => {
    expect(plans(state)).toEqual(expected)
  })

  const allowing = (remaining: number, calls: CircuitState = CLOSED): CircuitState =>
    setAllowance(calls, { limit: 100, remaining, until: T + 60_000 }, T)

  test.each<[string, CircuitState, string[]]>([
    ['more than half is left', allowing(51), ['call', 'call', 'call']],
    ['half is left', allowing(50), ['call', 'call', 'reserved']],
    [
      'half is left but for what is under way',
      allowing(51, places({ known: 1 })),
      ['call', 'call', 'reserved'],
    ],
    ['more than a quarter is left', allowing(26), ['call', 'call', 'reserved']],
    ['a quarter is left', allowing(25), ['call', 'reserved', 'reserved']],
    ['nothing is left', allowing(0), ['call', 'reserved', 'reserved']],
    ['nothing is left, and the circuit is open', allowing(0, open(1_000)), ['open', 'open', 'open']],
  ])('allowance: %s', (_, state, expected) => {
    expect(plans(state)).toEqual(expected)
  })

  test('an allowance lasts until its end, and through answers', () => {
    const state = allowing(0)
    expect(endCall(startCall(state, CALL), policy, CALL, 'answered', T)).toMatchObject({
      allowance: state.allowance,
    })
    expect(expireCalls(state, policy, T + 59_999).allowance).toBe(state.allowance)
    expect(expireCalls(state, policy, T + 60_000).allowance).toBeNull()
    expect(expireCalls(state, policy, T - 1).allowance).toBeNull()
  })

  test('a token refused for the allowance waits until its end, within bounds, and others do not', () => {
    const until = (ms: number) => setAllowance(CLOSED, { limit: 100, remaining: 0, until: T + ms }, T)
    expect(retryAfterSeconds(until(7_000), policy, true, T)).toBe(7)
    expect(retryAfterSeconds(until(3_600_000), policy, true, T)).toBe(30)
    expect(retryAfterSeconds(until(7_000), policy, false, T)).toBe(1)
    expect(retryAfterSeconds(CLOSED, policy, true, T)).toBe(1)
  })
})

test.each([
  [CLOSED, 1],
  [underWay(3), 1],
  [open(1_000), 1],
  [open(10_000), 10],
  [open(10_000, 500), 10],
  [open(10_000, 9_001), 1],
  [open(10_000, 99_000), 1],
])('%o is worth another try in %d s', (state, seconds) => {
  expect(retryAfterSeconds(state, POLICY, false, T)).toBe(seconds)
})
