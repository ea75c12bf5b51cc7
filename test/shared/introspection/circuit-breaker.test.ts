// What each end of a question means for the endpoint, and that a gate makes room again whatever happens.

import { expect, test } from 'vitest'
import {
  INACTIVE,
  problem,
  type Asked,
  type AskProblem,
} from '../../../shared/introspection/introspection-result.ts'
import { BACK_OFF, type CallEnd } from '../../../shared/introspection/circuit-state.ts'
import { createGate, endOf } from '../../../shared/introspection/circuit-breaker.ts'

const asked = (name: AskProblem, status?: number, retryAfter?: number): Asked =>
  problem(name, {
    ...(status === undefined ? {} : { status }),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
  })

test.each<[string, Asked, CallEnd]>([
  ['facts', { claims: {} }, 'answered'],
  ['not active', INACTIVE, 'answered'],
  ['no connection', asked('no_answer'), 'failed'],
  ['no answer in time', asked('timeout'), 'failed'],
  ['a redirect', asked('redirect'), 'failed'],
  ['500', asked('status', 500), 'failed'],
  ['503', asked('status', 503), 'failed'],
  ['499', asked('status', 499), 'answered'],
  ['422', asked('status', 422), 'answered'],
  ['400', asked('unsupported', 400), 'answered'],
  ['204', asked('empty', 204), 'answered'],
  ['HTML', asked('not_json'), 'answered'],
  ['too much', asked('too_large'), 'answered'],
  ['nonsense', asked('malformed'), 'answered'],
  ['a signature that does not verify', asked('unverified'), 'answered'],
  ['401, about us', asked('credentials_refused', 401), 'refused'],
  ['400, about us', asked('credentials_refused', 400), 'refused'],
  ['401, about whatever', asked('unauthorized', 401), 'unauthorized'],
  ['403', asked('credentials_refused', 403), 'failed'],
  ['429', asked('rate_limited', 429), BACK_OFF.maxHoldMs],
  ['429, and how long', asked('rate_limited', 429, 7), 7_000],
  ['no endpoint to ask', asked('endpoint_unknown'), 'nothing'],
  ['no secret to ask with', { failure: { code: 'secret_unavailable' } }, 'nothing'],
  ['no keys to read the answer with', { failure: { code: 'keys_unavailable' } }, 'nothing'],
])('%s', (_, what, end) => {
  expect(endOf(what)).toBe(end)
})

test('a question that throws makes room, and is no failure of the endpoint', async () => {
  const gate = createGate(() => 0)
  for (let count = 0; count < 2 * BACK_OFF.maxCalls; count++)
    await gate.pass('a', 'known', () => Promise.reject(new Error('defect'))).catch(() => {})
  expect(await gate.pass('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
})

test('no more questions are under way than may be', async () => {
  const gate = createGate(() => 0)
  let answer: (asked: Asked) => void = () => {}
  const slow = new Promise<Asked>((resolve) => void (answer = resolve))
  const all = Array.from({ length: BACK_OFF.maxCalls }, () => gate.pass('a', 'known', () => slow))
  expect(await gate.pass('a', 'known', () => slow)).toEqual({ problem: 'busy' })
  answer(INACTIVE)
  await Promise.all(all)
  expect(await gate.pass('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
})

test('questions that never come back take no room for ever', async () => {
  let now = 0
  const gate = createGate(() => now)
  for (let count = 0; count < BACK_OFF.maxCalls; count++)
    void gate.pass('a', 'known', () => new Promise(() => {}))
  expect(await gate.pass('a', 'known', async () => INACTIVE)).toEqual({ problem: 'busy' })
  now = BACK_OFF.callMs
  expect(await gate.pass('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
})

test('nobody is asked during a hold, whatever the question', async () => {
  let now = 0
  const gate = createGate(() => now)
  await gate.pass('a', 'known', async () => asked('credentials_refused', 401))
  const defect = () => Promise.reject(new Error('asked'))
  expect(await gate.pass('a', 'known', defect)).toEqual({ problem: 'held', detail: { why: 'credentials' } })
  expect(gate.retryAfterSeconds()).toBe(10)
  now = BACK_OFF.refusedMs
  await expect(gate.pass('a', 'known', defect)).rejects.toThrow('asked')
})

test('tokens that nobody has seen leave places to those that are known', async () => {
  const gate = createGate(() => 0)
  const never = () => new Promise<Asked>(() => {})
  for (let count = 0; count < BACK_OFF.maxCalls; count++) void gate.pass('a', 'odd', never)
  for (let count = 0; count < BACK_OFF.maxCalls; count++) void gate.pass('a', 'unseen', never)
  expect(await gate.pass('a', 'unseen', never)).toEqual({ problem: 'busy' })
  for (let count = 0; count < BACK_OFF.maxCalls * (1 - BACK_OFF.shares.unseen); count++) {
    const passed = gate.pass('a', 'known', never)
    expect(await Promise.race([passed, Promise.resolve('asked')])).toBe('asked')
  }
  expect(await gate.pass('a', 'known', never)).toEqual({ problem: 'busy' })
})

test('what is left of an allowance is for tokens that are known', async () => {
  let now = 0
  const gate = createGate(() => now)
  const left = { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '20', 'x-ratelimit-reset': '20' }
  gate.note(new Headers(left))
  const reserved = { problem: 'held', detail: { why: 'allowance' } }
  expect(await gate.pass('a', 'unseen', async () => INACTIVE)).toEqual(reserved)
  expect(await gate.pass('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
  expect([gate.retryAfterSeconds('allowance'), gate.retryAfterSeconds()]).toEqual([20, 1])
  gate.note(new Headers())
  expect(await gate.pass('a', 'unseen', async () => INACTIVE)).toEqual(reserved)
  now = 20_000
  expect(await gate.pass('a', 'unseen', async () => INACTIVE)).toBe(INACTIVE)
})
