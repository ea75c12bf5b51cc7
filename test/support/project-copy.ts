// A copy of the project in a folder of its own, so that a test can break it or leave out a part.

import { cpSync, mkdtempSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'

/** The files that the commands import, and the configuration. */
const PROJECT = ['shared', 'functions', 'cli', 'local', 'examples', 'package.json', 'lanekeeper.config.ts']

/** Copies the files that the commands need, and the paths in `more`. Returns the folder. */
export function copyProject(...more: readonly string[]): string {
  const copy = mkdtempSync(join(tmpdir(), 'lanekeeper-copy-'))
  for (const name of [...PROJECT, ...more]) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}
