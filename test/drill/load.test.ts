import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLoad } from './load.ts'

test('what is due is sent whether or not it is answered, and what is too much is counted', async () => {
  const answers: (() => void)[] = []
  let sent = 0
  const load = createLoad(1_000, 30, () => {
    sent++
    return new Promise((resolve) => answers.push(resolve))
  })
  await load.driveUntil(Date.now() + 50)
  expect(sent).toBe(30)
  expect(load.unsent()).toBeGreaterThan(15)
  expect(load.unsent()).toBeLessThanOrEqual(20)
  const settled = load.settle().then(() => 'settled')
  expect(await Promise.race([settled, sleep(20, 'waiting')])).toBe('waiting')
  for (const answer of answers) answer()
  expect(await settled).toBe('settled')
})
