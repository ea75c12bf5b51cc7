import { describe, expect, test } from 'vitest'
import { NO_ANSWER, type Answer } from './answer.ts'
import { EXPECTED, judge, REPLAYED, STALE } from './oracle.ts'

const allow: Answer = { ...NO_ANSWER, verdict: 'allow', status: 200, code: 'access_token' }
const unavailable: Answer = { ...NO_ANSWER, verdict: 'unavailable', status: 503, code: 'replay_unavailable' }

const REPLAY: Answer = {
  ...NO_ANSWER,
  ...{ verdict: 'refused', status: 401, code: 'dpop_proof_replayed' },
  challenge: 'DPoP realm="api", error="invalid_dpop_proof", algs="ES256"',
}

describe('a request that has to pass', () => {
  test.each([
    ['passes', allow, 'right'],
    ['is refused', REPLAY, 'false denial'],
    ['gets a 503', unavailable, 'unavailable'],
    ['gets no answer', NO_ANSWER, 'no answer'],
  ] as const)('%s', (_, answer, finding) => {
    expect(judge(null, answer)).toBe(finding)
  })
})

describe('a request that has to be refused', () => {
  test.each([
    ['passes', allow, 'wrong verdict'],
    ['is refused for that', REPLAY, 'right'],
    ['is refused for that by a Lambda', { ...REPLAY, status: null, challenge: null }, 'right'],
    ['is refused with another code', { ...REPLAY, code: 'dpop_proof_invalid' }, 'another reason'],
    ['is refused with another status', { ...REPLAY, status: 403 }, 'another reason'],
    ['is refused without a challenge', { ...REPLAY, challenge: null }, 'another reason'],
    [
      'is refused with another error',
      { ...REPLAY, challenge: 'Bearer error="invalid_token", DPoP algs="ES256"' },
      'another reason',
    ],
    ['gets a 503', unavailable, 'unavailable'],
    ['gets no answer', NO_ANSWER, 'no answer'],
  ] as const)('%s', (_, answer, finding) => {
    expect(judge(REPLAYED, answer)).toBe(finding)
  })

  test('needs the right problem as well', () => {
    const answer = { ...REPLAY, code: 'dpop_proof_invalid', problem: 'iat' }
    expect(judge(STALE, answer)).toBe('right')
    expect(judge(STALE, { ...answer, problem: 'htu' })).toBe('another reason')
    expect(judge(STALE, { ...answer, problem: null })).toBe('another reason')
  })
})

test('two kinds of requests have to pass', () => {
  const passing = Object.entries(EXPECTED).filter(([, expected]) => expected === null)
  expect(passing.map(([kind]) => kind)).toEqual(['a good proof', 'an unbound token as Bearer'])
})
