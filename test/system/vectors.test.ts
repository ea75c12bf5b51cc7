// `npm run test:vectors`, run for real with tiny vectors of our own: its output, and its exit codes.

import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { tinyVectors, writeVectors, type Files } from '../vectors/tiny-vectors.ts'

const COMMAND = join(import.meta.dirname, '../vectors/run.ts')

let directory: string
let tiny: Files

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'lanekeeper-vectors-'))
  tiny = await tinyVectors()
})

afterAll(() => rmSync(directory, { recursive: true }))

interface Ended {
  readonly exitCode: unknown
  readonly stdout: string
  readonly stderr: string
}

const run = (name: string): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(process.execPath, [COMMAND, join(directory, name)], (error, stdout, stderr) =>
      resolve({ exitCode: error?.code ?? 0, stdout, stderr }),
    )
  })

/** Writes the files of these suites into a folder, as DIR. */
function write(name: string, suites: readonly string[], change: (files: Files) => void = () => {}): void {
  const files = structuredClone(tiny)
  change(files)
  const kept = Object.entries(files).filter(([path]) => suites.includes(path.split('/')[0]!))
  writeVectors(join(directory, name), Object.fromEntries(kept))
}

test.concurrent('runs the suites in DIR and names the folders that it leaves out', async () => {
  write('good', ['ietf-jose-cookbook', 'json-test-suite'])
  mkdirSync(join(directory, 'good/somebody-elses'))
  const { exitCode, stdout } = await run('good')
  expect(stdout).toContain('somebody-elses: skipped')
  expect(stdout).toContain('wycheproof: missing')
  expect(stdout).toContain('ietf-jose-cookbook: ')
  expect(stdout).not.toContain('\x1b')
  expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^Ran \d\d cases: .*, 0 wrong\.$/)
  expect(exitCode).toBe(0)
})

test.concurrent('ends with 1 and the case where a verdict is wrong', async () => {
  write('wrong', ['wycheproof'], (files) => {
    files['wycheproof/json_web_signature_test.json'].testGroups[0].tests[0].result = 'invalid'
  })
  const { exitCode, stdout } = await run('wrong')
  expect(stdout).toContain('JWS, signature stage: tc 1 tiny')
  expect(stdout).toContain('node: accept (signature_valid), not refuse')
  expect(stdout).toContain('workerd: accept (signature_valid), not refuse')
  expect(stdout).toMatch(/ 1 wrong\.\n$/)
  expect(exitCode).toBe(1)
})

test.concurrent('ends with 2 and a reason where DIR cannot be used', async () => {
  const { exitCode, stdout, stderr } = await run('vecotrs')
  expect(stderr).toContain('vecotrs is not a folder')
  expect(stderr).toContain('npm run test:vectors -- DIR')
  expect(stdout).toBe('')
  expect(exitCode).toBe(2)
})
