// `npm run drill:dpop`, run for real and short: with the real edges exactly one use of each proof passes and no verdict
// is wrong, and instances that do not ask the store are found. The machine may be busy: no time is asserted.

import { expect, test, vi } from 'vitest'
import { createDrill } from './run-drill.ts'

vi.setConfig({ testTimeout: 240_000 })

const drill = createDrill('dpop')

/** The numbers behind the first words of a line of a table. */
const numbersOf = (output: string, start: string): readonly number[] => {
  const line = output.split('\n').find((one) => one.startsWith(start))
  return [...(line ?? '').slice(start.length).matchAll(/(?<=^| {2})[\d,]+(?= |$)/g)].map(([text]) =>
    Number(text.replaceAll(',', '')),
  )
}

const SHORT = ['--pairs', '100', '--requests', '150', '--proofs', '4000', '--keys', '1000', '--busy']

test('one use of each proof passes, no verdict is wrong, and stores, clocks and memory are as they should be', async () => {
  const { exitCode, output } = await drill(...SHORT)
  expect(exitCode, output).toBe(0)
  expect(output).toMatch(/^As it should be: 100 and 100 pairs with exactly one use, no wrong verdict/m)
  for (const instances of ['Worker 1 and Worker 2', 'Lambda 1 and Lambda 2']) {
    expect(numbersOf(output, `${instances}  `).slice(0, 5)).toEqual([100, 100, 0, 0, 0])
    expect(numbersOf(output, `${instances}  killed  `)[2], output).toBeGreaterThan(0)
  }
  for (const edge of ['Worker', 'Lambda'])
    expect(numbersOf(output, `${edge}  proofs  `).slice(0, 2)).toEqual([4_000, 0])
})

test('instances that do not ask the store are found, and their second uses pass', async () => {
  const { exitCode, output } = await drill(...SHORT, '--broken')
  expect(exitCode, output).toBe(1)
  expect(output).toContain('NOT as it should be')
  for (const instances of ['Worker 1 and Worker 2', 'Lambda 1 and Lambda 2'])
    expect(output).toMatch(new RegExp(`^- ${instances}: [1-9]\\d* proofs passed twice$`, 'm'))
})
