// The program in the emulator's README runs and prints the output below it, from a copy of the folder alone.

import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../../..')
const FOLDER = join(ROOT, 'local/api-gateway')

test('the program of the README runs beside a copy of the folder', () => {
  const readme = readFileSync(join(FOLDER, 'README.md'), 'utf8')
  const [, program = ''] = /```ts\n(.*?)```/s.exec(readme) ?? []
  const [, printed = ''] = /```\n([^`]*)```\n$/.exec(readme) ?? []
  expect(printed).not.toBe('')
  const directory = mkdtempSync(join(tmpdir(), 'gateway-readme-'))
  try {
    cpSync(FOLDER, join(directory, 'local/api-gateway'), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
    writeFileSync(join(directory, 'package.json'), '{ "type": "module" }')
    writeFileSync(join(directory, 'program.ts'), program)
    const { stdout, stderr } = spawnSync(process.execPath, ['program.ts'], {
      cwd: directory,
      encoding: 'utf8',
      timeout: 20_000,
    })
    expect({ stdout, stderr }).toEqual({ stdout: printed, stderr: '' })
  } finally {
    rmSync(directory, { recursive: true })
  }
}, 30_000)

test('the folder imports nothing but itself, Node, ws and yauzl', () => {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.ts'))
  const outside = files.flatMap((name) =>
    [
      ...readFileSync(join(FOLDER, name), 'utf8').matchAll(
        /(?:^(?:import|export|\}).* from |^import |\bimport\()'([^']+)'/gm,
      ),
    ]
      .map(([, specifier = '']) => specifier)
      .filter((specifier) => !/^(\.\/[^/]+\.ts|node:.+|ws|yauzl)$/.test(specifier))
      .map((specifier) => `${name}: ${specifier}`),
  )
  expect(outside).toEqual([])
})
