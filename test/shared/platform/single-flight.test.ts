// One piece of work at a time for each key, and no caller waits for ever for the work of another one.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createSingleFlight } from '../../../shared/platform/single-flight.ts'
import { elapse } from '../../support/time.ts'

const never = () => new Promise<string>(() => {})

test('concurrent callers get the result of the first, and later ones start new work', async () => {
  const flight = createSingleFlight<string>(10_000)
  let works = 0
  const work = async () => `result ${++works}`
  expect(await Promise.all([1, 2, 3].map(() => flight.run('a', work)))).toEqual(Array(3).fill('result 1'))
  expect(await flight.run('b', work)).toBe('result 2')
  expect(await flight.run('a', work)).toBe('result 3')
})

test('the first caller to give up starts new work, and the others get its result', async () => {
  const flight = createSingleFlight<string>(100)
  let works = 0
  void flight.run('a', never)
  const work = async () => {
    await nextTurn()
    return `result ${++works}`
  }
  const waiting = [flight.run('a', work), flight.run('a', work)]
  elapse(100)
  expect(await Promise.all(waiting)).toEqual(['result 1', 'result 1'])
})

test('a caller who has waited twice in vain does the work alone', async () => {
  const flight = createSingleFlight<string>(20)
  void flight.run('a', never)
  const first = flight.run('a', never)
  const second = flight.run('a', async () => 'my own')
  elapse(20)
  await nextTurn()
  elapse(20)
  expect(await second).toBe('my own')
  expect(await Promise.race([first, Promise.resolve('still waiting')])).toBe('still waiting')
})

test('work of a request that has ended, which cannot be awaited, is started anew', async () => {
  const flight = createSingleFlight<string>(10_000)
  flight.run('a', () => Promise.reject(new Error('ended'))).catch(() => {})
  expect(await flight.run('a', async () => 'anew')).toBe('anew')
})

test("the caller's hooks learn of the work that it starts, and of its waiting", async () => {
  const flight = createSingleFlight<string>(10_000)
  const calls: string[] = []
  const waitUntil =
    (name: string) =>
    (_: Promise<unknown>, joining = 'starting') =>
      void calls.push(`${name} is ${joining}`)
  await Promise.all(['one', 'two'].map((name) => flight.run('a', async () => name, waitUntil(name))))
  expect(calls).toEqual(['one is starting', 'two is joining'])
})
