// The version of the running command.

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The version in the package.json of this package. */
export function readVersion(): string {
  let directory = import.meta.dirname
  while (!existsSync(join(directory, 'package.json'))) directory = dirname(directory)
  return (JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as { version: string }).version
}
