import { expect, test } from 'vitest'
import { readDrillOptions, readRevocationDrillOptions, readSoakOptions } from './options.ts'

test('an option that is not given has its default', () => {
  expect(readDrillOptions([])).toEqual({ seconds: 150, rate: 60, seed: 1, broken: false })
  expect(readSoakOptions([])).toEqual({ tokens: 1_000_000 })
  expect(readRevocationDrillOptions([])).toEqual({
    ...{ seconds: 300, rate: 80, entries: 1_000, seed: 1, busy: false, broken: false },
  })
})

test('given options are used', () => {
  const given = ['--seconds', '12', '--rate', '600', '--seed', '0', '--broken']
  expect(readDrillOptions(given)).toEqual({ seconds: 12, rate: 600, seed: 0, broken: true })
  expect(readSoakOptions(['--tokens', '1000'])).toEqual({ tokens: 1_000 })
  expect(readRevocationDrillOptions(['--entries', '0', '--busy', '--broken'])).toMatchObject({
    ...{ entries: 0, busy: true, broken: true },
  })
})

test.each([
  [readDrillOptions, ['--seconds', 'ten'], '--seconds must be a whole number from 6 to 3600, not "ten".'],
  [readDrillOptions, ['--seconds', '5'], '--seconds must be a whole number from 6 to 3600, not "5".'],
  [readDrillOptions, ['--seconds', '3601'], '--seconds must be a whole number from 6 to 3600, not "3601".'],
  [readDrillOptions, ['--rate', '0'], '--rate must be a whole number from 3 to 600, not "0".'],
  [readDrillOptions, ['--seed=-1'], '--seed must be a whole number from 0 to 4294967295, not "-1".'],
  [readDrillOptions, ['extra'], "Unexpected argument 'extra'"],
  [
    readSoakOptions,
    ['--tokens', '1e3'],
    '--tokens must be a whole number from 1000 to 100000000, not "1e3".',
  ],
  [
    readRevocationDrillOptions,
    ['--seconds', '9'],
    '--seconds must be a whole number from 10 to 3600, not "9".',
  ],
  [readRevocationDrillOptions, ['--busi'], "Unknown option '--busi'"],
  [readSoakOptions, ['--seconds', '9'], "Unknown option '--seconds'"],
] as const)('%# %j is refused with what to change', (read, args, text) => {
  expect(() => read(args)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(text), exitCode: 2 }),
  )
})
