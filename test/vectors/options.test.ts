// The command line of `npm run test:vectors`.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readOptions } from './options.ts'

const KNOWN = ['first', 'second']

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-vectors-'))
})

afterEach(() => rmSync(directory, { recursive: true }))

test('says which suites are in DIR', () => {
  for (const name of ['zebra', 'second', 'antelope']) mkdirSync(join(directory, name))
  writeFileSync(join(directory, 'first'), 'a file, not a suite')
  expect(readOptions([directory], KNOWN)).toEqual({
    directory,
    present: ['second'],
    missing: ['first'],
    skipped: ['antelope', 'zebra'],
  })
})

test.each([
  ['no DIR', () => [], 'DIR is missing'],
  ['two', () => [directory, directory], 'One DIR is enough'],
  ['a file', () => [join(directory, 'file')], 'file is not a folder'],
  ['a folder that is not there', () => [join(directory, 'vecotrs')], 'vecotrs is not a folder'],
  ['a folder without a suite', () => [directory], 'none of the suites known here'],
  ['an unknown option', () => ['--quick', directory], "Unknown option '--quick'"],
])('cannot use %s', (_, args, reason) => {
  for (const name of ['file', 'first']) writeFileSync(join(directory, name), '')
  const ending = readOptions(args(), KNOWN)
  expect(ending).toMatchObject({ exitCode: 2, text: expect.stringContaining(reason) })
})

test('explains itself', () => {
  const ending = readOptions(['--help'], KNOWN)
  expect(ending).toMatchObject({ exitCode: 0, text: expect.stringContaining('npm run test:vectors -- DIR') })
  for (const folder of KNOWN) expect(ending).toMatchObject({ text: expect.stringContaining(folder) })
})
