// The time limit of one request: it starts with the first fetch, and everything that waits for it ends when it is over.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { webCrypto, type Ports, type WaitUntil } from '../../../shared/index.ts'
import { createDeadline, REQUEST_MS } from '../../../shared/platform/deadline.ts'
import { elapse, pendingTimeouts } from '../../support/time.ts'

const PORTS: Ports = { crypto: webCrypto, fetch, now: () => 0, report: () => {} }
const LATE = { code: 'deadline_exceeded' }
const start = (waitUntil?: WaitUntil) => createDeadline(PORTS, waitUntil)
const never = () => new Promise<string>(() => {})

test('the deadline ends two concurrent waits', async () => {
  const deadline = start()
  deadline.waitUntil(never())
  const waiting = Promise.all([deadline.race(never()), deadline.race(never())])
  elapse(REQUEST_MS)
  expect(await waiting).toMatchObject([LATE, LATE])
})

test('a result in time is the result, and one that comes after is not', async () => {
  const deadline = start()
  deadline.waitUntil(never())
  expect(await deadline.race(Promise.resolve('in time'))).toBe('in time')
  await expect(deadline.race(Promise.reject(new Error('in time')))).rejects.toThrow('in time')
  elapse(REQUEST_MS)
  await nextTurn()
  expect(await deadline.race(Promise.resolve('late'))).toMatchObject(LATE)
})

test.each(['asks', 'joining'] as const)('the first fetch starts it, also during a race: %s', async (how) => {
  const deadline = start()
  const waiting = deadline.race(never())
  expect(pendingTimeouts()).toBe(0)
  elapse(REQUEST_MS)
  deadline.waitUntil(never(), how === 'joining' ? how : undefined)
  deadline.waitUntil(never(), 'joining')
  expect(pendingTimeouts()).toBe(1)
  elapse(REQUEST_MS - 1)
  expect(await Promise.race([waiting, nextTurn('waiting')])).toBe('waiting')
  elapse(1)
  expect(await waiting).toMatchObject(LATE)
})

test('fetches are counted and passed on, unlike joined ones', () => {
  const handedOn: Promise<unknown>[] = []
  const deadline = start((work) => void handedOn.push(work))
  const work = never()
  deadline.waitUntil(work)
  deadline.waitUntil(never(), 'joining')
  expect([deadline.read().fetches, handedOn]).toEqual([1, [work]])
  elapse(REQUEST_MS)
})

test('a waitUntil or a clock that throws does not refuse the request', async () => {
  const fail = () => {
    throw new Error('fails')
  }
  const deadline = createDeadline({ ...PORTS, now: fail }, fail)
  deadline.waitUntil(never())
  expect(await deadline.race(Promise.resolve('result'))).toBe('result')
  expect(deadline.read()).toEqual({ fetches: 1, ms: 0 })
  elapse(REQUEST_MS)
})
