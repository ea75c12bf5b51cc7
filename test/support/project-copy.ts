// A copy of the project in a folder of its own, to be broken or to be left without something.

import { cpSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'

/** What the commands import, and the configuration. */
const PROJECT = ['shared', 'functions', 'cli', 'local', 'examples', 'package.json', 'lanekeeper.config.ts']

/** Copies what the commands need, and `more` of the project. Returns the folder. */
export function copyProject(...more: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'lanekeeper-copy-'))
  for (const name of [...PROJECT, ...more]) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}
