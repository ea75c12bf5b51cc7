// The command line of `npm run example:revocation`: which arguments are refused, and the messages.

import { expect, test } from 'vitest'
import { readOptions, SERVICES } from '../../../local/revocation/options.ts'

test('every service has a port of its own, from the first one on', () => {
  const { once, portOf } = readOptions(['--once', '--port', '5000'])
  expect(once).toBe(true)
  expect(SERVICES.map(portOf)).toEqual(SERVICES.map((_, index) => 5000 + index))
  expect(readOptions([]).once).toBe(false)
  expect(readOptions([]).portOf('Worker A')).toBe(4500)
})

test.each([
  [['--onec'], 2, "Unknown option '--onec'"],
  [['--port', '80'], 2, '--port must be a whole number from 1024 to 65526, not "80".'],
  [['--port', '65527'], 2, '--port must be a whole number from 1024 to 65526, not "65527".'],
  [['extra'], 2, "Unexpected argument 'extra'"],
  [['--help'], 0, 'npm run example:revocation -- [--once]'],
])('%j ends with %d', (args, exitCode, text) => {
  expect(() => readOptions(args)).toThrow(
    expect.objectContaining({ exitCode, message: expect.stringContaining(text) }),
  )
})
