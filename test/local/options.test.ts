// The command line of `npm start`: which arguments are refused, and the messages.

import { expect, test } from 'vitest'
import { readOptions } from '../../local/options.ts'

test('the options of a run, with a port of its own if none is given', () => {
  expect(readOptions(['--once', '--port', '5000', '--evidence', 'kept'])).toEqual({
    once: true,
    port: 5000,
    evidence: 'kept',
  })
  expect(readOptions([])).toEqual({ once: false, port: 4400, evidence: undefined })
})

test.each([
  [['--onec'], 2, "Unknown option '--onec'"],
  [['--port', 'http'], 2, '--port must be a whole number from 1024 to 65529, not "http".'],
  [['--port', '80'], 2, '--port must be a whole number from 1024 to 65529, not "80".'],
  [['--port', '65530'], 2, '--port must be a whole number from 1024 to 65529, not "65530".'],
  [['extra'], 2, "Unexpected argument 'extra'"],
  [['--help'], 0, 'npm start -- [--once]'],
])('%j ends with %d', (args, exitCode, text) => {
  expect(() => readOptions(args)).toThrow(
    expect.objectContaining({ exitCode, message: expect.stringContaining(text) }),
  )
})
