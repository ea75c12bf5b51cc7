// `npm run check:config` on the shipped configuration, and on copies with mistakes in them.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

let copy: string

beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'lanekeeper-check-'))
  for (const name of ['shared', 'functions', 'package.json', 'lanekeeper.config.ts'])
    cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
})

afterEach(() => rmSync(copy, { recursive: true }))

function check(change: (text: string) => string = (text) => text): {
  status: number | null
  lines: string[]
} {
  const file = join(copy, 'lanekeeper.config.ts')
  writeFileSync(file, change(readFileSync(file, 'utf8')))
  const { status, stdout } = spawnSync(process.execPath, ['functions/local/check-config.ts'], {
    cwd: copy,
    encoding: 'utf8',
  })
  return { status, lines: stdout.split('\n').map((line) => line.replace(/ +/g, ' ').trim()) }
}

test('the shipped configuration starts in every stage, given what the deployment supplies', () => {
  const { status, lines } = check()
  expect(status).toBe(0)
  expect(lines).toContain('production ok ok')
  expect(lines).toContain('staging ok ok')
  expect(lines).toContain('local ok ok LOCAL_ISSUER LOCAL_AUDIENCE LOCAL_ORIGIN')
})

test('a mistake is named with its stage and path', () => {
  const { status, lines } = check((text) =>
    text.replace("audience: 'https://api.staging.example.com'", "audience: ''"),
  )
  expect(status).toBe(1)
  expect(lines).toContain('production ok ok')
  expect(lines).toContain('staging refused refused')
  expect(lines).toContain('issuers.main.audience: must be a list of at least one non-empty string')
})

test('without an origin the Lambda is fine and the Worker is not', () => {
  const { status, lines } = check((text) => text.replaceAll(/^ +origin: .*$/gm, ''))
  expect(status).toBe(0)
  expect(lines).toContain('production no origin ok')
})
