// How each outcome of an introspection request changes the circuit breaker; every outcome ends the call.

import { expect, test } from 'vitest'
import {
  INACTIVE,
  problem,
  type IntrospectionResult,
  type IntrospectionProblem,
} from '../../../shared/introspection/introspection-result.ts'
import { CIRCUIT_POLICY, type CallEnd } from '../../../shared/introspection/circuit-state.ts'
import { createCircuitBreaker, toCallEnd } from '../../../shared/introspection/circuit-breaker.ts'

const result = (name: IntrospectionProblem, status?: number, retryAfter?: number): IntrospectionResult =>
  problem(name, {
    ...(status === undefined ? {} : { status }),
    ...(retryAfter === undefined ? {} : { retry_after: retryAfter }),
  })

test.each<[string, IntrospectionResult, CallEnd]>([
  ['facts', { claims: {} }, 'answered'],
  ['not active', INACTIVE, 'answered'],
  ['no connection', result('no_answer'), 'failed'],
  ['no answer in time', result('timeout'), 'failed'],
  ['a redirect', result('redirect'), 'failed'],
  ['500', result('status', 500), 'failed'],
  ['503', result('status', 503), 'failed'],
  ['499', result('status', 499), 'answered'],
  ['422', result('status', 422), 'answered'],
  ['400', result('unsupported', 400), 'answered'],
  ['204', result('empty', 204), 'answered'],
  ['HTML', result('not_json'), 'answered'],
  ['too much', result('too_large'), 'answered'],
  ['nonsense', result('malformed'), 'answered'],
  ['a signature that does not verify', result('unverified'), 'answered'],
  ['401, about us', result('credentials_refused', 401), 'refused'],
  ['400, about us', result('credentials_refused', 400), 'refused'],
  ['401, about whatever', result('unauthorized', 401), 'unauthorized'],
  ['403', result('credentials_refused', 403), 'failed'],
  ['429', result('rate_limited', 429), CIRCUIT_POLICY.maxOpenMs],
  ['429, and how long', result('rate_limited', 429, 7), 7_000],
  ['no endpoint to ask', result('endpoint_unknown'), 'nothing'],
  ['no secret to ask with', { failure: { code: 'secret_unavailable' } }, 'nothing'],
  ['no keys to read the answer with', { failure: { code: 'keys_unavailable' } }, 'nothing'],
])('%s', (_, what, end) => {
  expect(toCallEnd(what)).toBe(end)
})

test('a request that throws ends its call, and is no failure of the endpoint', async () => {
  const breaker = createCircuitBreaker(() => 0)
  for (let count = 0; count < 2 * CIRCUIT_POLICY.maxCalls; count++)
    await breaker.run('a', 'known', () => Promise.reject(new Error('defect'))).catch(() => {})
  expect(await breaker.run('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
})

test('the number of concurrent requests is bounded', async () => {
  const breaker = createCircuitBreaker(() => 0)
  let answer: (outcome: IntrospectionResult) => void = () => {}
  const slow = new Promise<IntrospectionResult>((resolve) => void (answer = resolve))
  const all = Array.from({ length: CIRCUIT_POLICY.maxCalls }, () => breaker.run('a', 'known', () => slow))
  expect(await breaker.run('a', 'known', () => slow)).toEqual({ problem: 'busy' })
  answer(INACTIVE)
  await Promise.all(all)
  expect(await breaker.run('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
})

test('requests that never end no longer count as calls after a time', async () => {
  let now = 0
  const breaker = createCircuitBreaker(() => now)
  for (let count = 0; count < CIRCUIT_POLICY.maxCalls; count++)
    void breaker.run('a', 'known', () => new Promise(() => {}))
  expect(await breaker.run('a', 'known', async () => INACTIVE)).toEqual({ problem: 'busy' })
  now = CIRCUIT_POLICY.callMs
  expect(await breaker.run('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
})

test('no request of any kind is sent while the breaker is open', async () => {
  let now = 0
  const breaker = createCircuitBreaker(() => now)
  await breaker.run('a', 'known', async () => result('credentials_refused', 401))
  const defect = () => Promise.reject(new Error('asked'))
  expect(await breaker.run('a', 'known', defect)).toEqual({ problem: 'held', detail: { why: 'credentials' } })
  expect(breaker.retryAfterSeconds()).toBe(10)
  now = CIRCUIT_POLICY.refusedMs
  await expect(breaker.run('a', 'known', defect)).rejects.toThrow('asked')
})

test('new tokens leave calls to tokens that were active before', async () => {
  const breaker = createCircuitBreaker(() => 0)
  const never = () => new Promise<IntrospectionResult>(() => {})
  for (let count = 0; count < CIRCUIT_POLICY.maxCalls; count++) void breaker.run('a', 'odd', never)
  for (let count = 0; count < CIRCUIT_POLICY.maxCalls; count++) void breaker.run('a', 'unseen', never)
  expect(await breaker.run('a', 'unseen', never)).toEqual({ problem: 'busy' })
  for (let count = 0; count < CIRCUIT_POLICY.maxCalls * (1 - CIRCUIT_POLICY.shares.unseen); count++) {
    const passed = breaker.run('a', 'known', never)
    expect(await Promise.race([passed, Promise.resolve('asked')])).toBe('asked')
  }
  expect(await breaker.run('a', 'known', never)).toEqual({ problem: 'busy' })
})

test('the rest of an allowance is for tokens that were active before', async () => {
  let now = 0
  const breaker = createCircuitBreaker(() => now)
  const left = { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '20', 'x-ratelimit-reset': '20' }
  breaker.note(new Headers(left))
  const reserved = { problem: 'held', detail: { why: 'allowance' } }
  expect(await breaker.run('a', 'unseen', async () => INACTIVE)).toEqual(reserved)
  expect(await breaker.run('a', 'known', async () => INACTIVE)).toBe(INACTIVE)
  expect([breaker.retryAfterSeconds('allowance'), breaker.retryAfterSeconds()]).toEqual([20, 1])
  breaker.note(new Headers())
  expect(await breaker.run('a', 'unseen', async () => INACTIVE)).toEqual(reserved)
  now = 20_000
  expect(await breaker.run('a', 'unseen', async () => INACTIVE)).toBe(INACTIVE)
})
