import { expect, test } from 'vitest'
import {
  readDpopDrillOptions,
  readDrillOptions,
  readRevocationDrillOptions,
  readSoakOptions,
} from './options.ts'

test('an option that is not given has its default', () => {
  expect(readDrillOptions([])).toEqual({ seconds: 150, rate: 60, seed: 1, broken: false })
  expect(readSoakOptions([])).toEqual({ tokens: 1_000_000 })
  expect(readRevocationDrillOptions([])).toEqual({
    ...{ seconds: 300, rate: 80, entries: 1_000, seed: 1, busy: false, broken: false },
  })
  expect(readDpopDrillOptions([])).toEqual({
    ...{ pairs: 10_000, requests: 5_000, proofs: 1_000_000, keys: 20_000, seed: 1 },
    ...{ busy: false, broken: false },
  })
})

test('given options are used', () => {
  const given = ['--seconds', '12', '--rate', '600', '--seed', '0', '--broken']
  expect(readDrillOptions(given)).toEqual({ seconds: 12, rate: 600, seed: 0, broken: true })
  expect(readSoakOptions(['--tokens', '1000'])).toEqual({ tokens: 1_000 })
  expect(readRevocationDrillOptions(['--entries', '0', '--busy', '--broken'])).toMatchObject({
    ...{ entries: 0, busy: true, broken: true },
  })
  expect(readDpopDrillOptions(['--pairs', '20', '--proofs', '4000', '--busy'])).toMatchObject({
    ...{ pairs: 20, proofs: 4_000, busy: true, broken: false },
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
  [readDpopDrillOptions, ['--pairs', '1'], '--pairs must be a whole number from 20 to 1000000, not "1".'],
] as const)('%# %j is refused with what to change', (read, args, text) => {
  expect(() => read(args)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(text), exitCode: 2 }),
  )
})
