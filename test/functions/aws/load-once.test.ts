import { expect, test } from 'vitest'
import { loadOnce } from '../../../functions/aws/load-once.ts'

test('loads when it is first asked, again after a failure, and not again after a success', async () => {
  let loads = 0
  const loaded = loadOnce(async () => {
    if (++loads === 1) throw new Error('no such file')
    return loads
  })
  expect(loads).toBe(0)
  await expect(loaded()).rejects.toThrow('no such file')
  expect([await loaded(), await loaded()]).toEqual([2, 2])
})

test('callers at the same time share one load', async () => {
  let loads = 0
  const loaded = loadOnce(async () => ++loads)
  expect(await Promise.all([loaded(), loaded()])).toEqual([1, 1])
})
