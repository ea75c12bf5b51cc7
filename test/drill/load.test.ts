import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLoad } from './load.ts'

test('requests are sent when they are due, and those that do not fit are counted', async () => {
  const answers: (() => void)[] = []
  let sent = 0
  let clock = 0
  const send = () => {
    sent++
    return new Promise<void>((resolve) => answers.push(resolve))
  }
  const load = createLoad(1_000, 30, send, { now: () => clock, wait: async (ms) => void (clock += ms) })
  await load.driveUntil(50)
  expect(sent).toBe(30)
  expect(load.unsent()).toBe(20)
  const settled = load.settle().then(() => 'settled')
  expect(await Promise.race([settled, nextTurn('waiting')])).toBe('waiting')
  for (const answer of answers) answer()
  expect(await settled).toBe('settled')
})
