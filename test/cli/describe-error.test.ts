// How the command line prints an unexpected error: one line, its place, no stack.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { describeError } from '../../cli/describe-error.ts'
import { Stop } from '../../cli/stop.ts'
import { reasonOf } from '../../cli/tool-output.ts'

const withStack = (error: Error, stack: string): Error => Object.assign(error, { stack })

test.each<[string, unknown, string]>([
  [
    'a syntax error, whose place comes before it',
    withStack(
      new SyntaxError('Expression expected'),
      `file://${ROOT}/lanekeeper.config.ts:73\nconst x = ;\n          ^\n\nSyntaxError: Expression expected\n    at parseTypeScript (node:internal/modules/typescript:68:40)`,
    ),
    'lanekeeper.config.ts:73: Expression expected',
  ],
  [
    'a defect, at the first of our files',
    withStack(
      new TypeError('x is not a function'),
      `TypeError: x is not a function\n    at Array.map (<anonymous>)\n    at f (file://${ROOT}/node_modules/a/b.js:1:2)\n    at g (file://${ROOT}/local/tour/tour.ts:30:4)`,
    ),
    'local/tour/tour.ts:30:4: x is not a function',
  ],
  [
    'what a parser of settings says of the place',
    Object.assign(new Error('Invalid TOML document: invalid value'), {
      location: { file: join(ROOT, 'wrangler.toml'), line: 33, column: 7 },
    }),
    'wrangler.toml:33:7: Invalid TOML document: invalid value',
  ],
  [
    'the first of what esbuild lists',
    Object.assign(new Error('Build failed with 2 errors:\na.ts:1:2: ERROR: x'), {
      errors: [
        { text: 'Unexpected ";"', location: { file: 'worker.ts', line: 1, column: 16 } },
        { text: 'y' },
      ],
    }),
    'worker.ts:1:16: Unexpected ";"',
  ],
  [
    'what is thrown on purpose',
    new Error('the code flow brought no refresh token'),
    'the code flow brought no refresh token',
  ],
  [
    'what lanekeeper.config.ts throws, or what is beside it',
    withStack(
      new Error('boom'),
      `Error: boom\n    at read (file://${ROOT}/routes.ts:3:9)\n    at file://${ROOT}/lanekeeper.config.ts:5:7\n    at ModuleJob.run (node:internal/modules/esm/module_job:1:2)`,
    ),
    'routes.ts:3:9: boom',
  ],
  [
    'what the project throws on purpose for lanekeeper.config.ts',
    withStack(
      new Error('the code flow brought no refresh token'),
      `Error: x\n    at f (file://${ROOT}/shared/index.ts:3:9)\n    at file://${ROOT}/lanekeeper.config.ts:5:7`,
    ),
    'the code flow brought no refresh token',
  ],
  ['an end', new Stop('Port 1 is in use', 1), 'Port 1 is in use'],
  ['several lines', new RangeError('It has:\n  one'), 'It has:\n  one'],
  ['no error', 'text', 'text'],
])('%s', (_, error, line) => expect(describeError(error)).toBe(line))

test('a tool that fails is described by its output', async () => {
  const error = await promisify(execFile)(join(ROOT, 'node_modules/.bin/esbuild'), [
    '--bundle',
    '--bogus',
  ]).catch((reason: unknown) => reason)
  expect(describeError(error)).toBe('Invalid build flag: "--bogus"')
})

test.each<[string, string, string]>([
  [
    'wrangler',
    '\x1b[31m✘ \x1b[41;31m[\x1b[41;97mERROR\x1b[41;31m]\x1b[0m \x1b[1mInvalid TOML document: invalid value\x1b[0m\n\n    /p/wrangler.toml:33:7:\n      33 │ name = = "x"\n\n  If you think this is a bug, please open an issue at: https://x\n',
    '/p/wrangler.toml:33:7: Invalid TOML document: invalid value',
  ],
  [
    'wrangler, without a place',
    '✘ [ERROR] Unknown argument: bogus\n\n\nwrangler deploy [path]\n',
    'Unknown argument: bogus',
  ],
  [
    'wrangler, of a build',
    '✘ [ERROR] Build failed with 1 error:\n\n  ✘ [ERROR] Expected ";" but found "x"\n  \n      functions/a.ts:120:8:\n        120 │ functio x {\n',
    'functions/a.ts:120:8: Expected ";" but found "x"',
  ],
  [
    'wrangler, in a list',
    '✘ [ERROR] Processing wrangler.toml configuration:\n\n    - Expected "name" to be lowercase.\n    - Unexpected "foo".\n\n\n🪵  Logs were written to "/x"\n',
    'Processing wrangler.toml configuration: Expected "name" to be lowercase.; Unexpected "foo".',
  ],
  [
    'osls, in a list',
    'Error:\nCannot resolve serverless.yml: Variables resolution errored with:\n  - Cannot resolve variable at "x": Value not found at "env" source\n',
    'Cannot resolve serverless.yml: Variables resolution errored with: Cannot resolve variable at "x": Value not found at "env" source',
  ],
  [
    'osls',
    'Environment: linux, node 24\nDocs:        github.com/x\n\nError:\nCannot parse "serverless.yml": unidentified alias "nobody" in "/p/serverless.yml" (1:17)\n\n 1 | service: *nobody\n',
    'Cannot parse "serverless.yml": unidentified alias "nobody" in "/p/serverless.yml" (1:17)',
  ],
  ['what is not recognised', ' sh: 1: osls: not found\n', 'sh: 1: osls: not found'],
])('the reason that %s gives', (_, output, reason) => expect(reasonOf(output)).toBe(reason))
