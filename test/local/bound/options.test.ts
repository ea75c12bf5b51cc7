// The command line of `npm run example:bound`: which arguments are refused, and the messages.

import { expect, test } from 'vitest'
import { readOptions, SERVICES } from '../../../local/bound/options.ts'

test('every service has a port of its own, from the first one on', () => {
  const { once, portOf } = readOptions(['--once', '--port', '5000'])
  expect(once).toBe(true)
  expect(SERVICES.map(portOf)).toEqual(SERVICES.map((_, index) => 5000 + index))
  expect(readOptions([]).once).toBe(false)
  expect(readOptions([]).portOf('Worker')).toBe(4600)
})

test.each([
  [['--port', '65527'], 2, '--port must be a whole number from 1024 to 65523, not "65527".'],
  [['extra'], 2, "Unexpected argument 'extra'"],
  [['--help'], 0, 'npm run example:bound -- [--once]'],
])('%j ends with %d', (args, exitCode, text) => {
  expect(() => readOptions(args)).toThrow(
    expect.objectContaining({ exitCode, message: expect.stringContaining(text) }),
  )
})
