// `npm run drill:revocation`, run for real and short: with the real edges no verdict is wrong, and a Worker that does
// not ask the store is found. The machine may be busy: no time is asserted, and of requests only that there are some.

import { expect, test, vi } from 'vitest'
import { createDrill } from './run-drill.ts'

vi.setConfig({ testTimeout: 240_000 })

const INSTANCES = ['Worker 1', 'Worker 2', 'Lambda 1', 'Lambda 2'] as const

const drill = createDrill('revocation')

/** Sums of the columns of the table of phases. */
function sums(output: string): Record<string, readonly number[]> {
  const found: Record<string, number[]> = {}
  for (const line of output.split('\n')) {
    const [, instance, rest] = /((?:Worker|Lambda) \d) {2,}(\d+(?: +\d+){5}) *$/.exec(line) ?? []
    if (instance === undefined) continue
    const before = found[instance] ?? [0, 0, 0, 0, 0, 0]
    found[instance] = rest!.split(/ +/).map((text, column) => before[column]! + Number(text))
  }
  return found
}

const [ALLOWS, REFUSALS, UNAVAILABLE, WRONG] = [1, 2, 3, 4]

const SHORT = ['--seconds', '10', '--rate', '40', '--entries', '300', '--busy']

test.concurrent('no verdict is wrong while the stores are killed and slow and the clocks are set, and every revocation is seen', async () => {
  const { exitCode, output } = await drill(...SHORT)
  expect(exitCode, output).toBe(0)
  expect(output).toMatch(/^As it should be: .* 0 wrong verdicts, .* 0 revocations never seen/m)
  const found = sums(output)
  expect(Object.keys(found).toSorted()).toEqual([...INSTANCES].toSorted())
  for (const instance of INSTANCES) {
    expect(found[instance]![WRONG]).toBe(0)
    for (const column of [ALLOWS, REFUSALS, UNAVAILABLE])
      expect(found[instance]![column!], `${instance}: ${column}`).toBeGreaterThan(0)
  }
})

test.concurrent('a Worker that does not ask the store is found, and no other instance is blamed', async () => {
  const { exitCode, output } = await drill(...SHORT, '--broken')
  expect(exitCode, output).toBe(1)
  expect(output).toContain('NOT as it should be')
  expect(output).toMatch(/, Worker 1: token \d+, allow after \d+ ms; revoked \d/)
  const found = sums(output)
  expect(INSTANCES.filter((instance) => found[instance]![WRONG]! > 0)).toEqual(['Worker 1'])
})
