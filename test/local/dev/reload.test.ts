// Reloads: one for changes that come close together, one after the other, and none after the end. No time passes.

import { expect, test } from 'vitest'
import { createReloads } from '../../../local/dev/reload.ts'

/** A sleep that ends when the test says so. */
function createSleep() {
  const waiting: (() => void)[] = []
  return {
    sleep: () => new Promise<void>((resolve) => void waiting.push(resolve)),
    wake: async () => {
      waiting.shift()?.()
      await Promise.resolve()
      await Promise.resolve()
    },
  }
}

test('changes during the wait are one reload', async () => {
  const { sleep, wake } = createSleep()
  let reloads = 0
  const { changed, settled } = createReloads(sleep, async () => void reloads++)
  changed()
  changed()
  await wake()
  expect(reloads).toBe(0)
  await wake()
  await settled()
  expect(reloads).toBe(1)
})

test('a change during a reload is another one, after it', async () => {
  const { sleep, wake } = createSleep()
  const log: string[] = []
  const reload = async () => {
    log.push('begin')
    if (log.length === 1) changed()
    log.push('end')
  }
  const { changed, settled } = createReloads(sleep, reload)
  changed()
  await wake()
  await wake()
  await settled()
  expect(log).toEqual(['begin', 'end', 'begin', 'end'])
})

test('nothing is reloaded once the command has ended', async () => {
  let reloads = 0
  const { changed, settled } = createReloads(
    () => Promise.reject(new Error('aborted')),
    async () => void reloads++,
  )
  changed()
  await settled()
  expect(reloads).toBe(0)
})
