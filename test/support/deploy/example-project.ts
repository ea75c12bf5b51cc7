// An example of this repository as a project of its own: its folder, with the tarball of the package installed.

import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../../cli/build.ts'
import { mustRunIn } from '../hand-made-project.ts'
import { PROJECT, TOOLS, WORK } from './workspace.ts'

/** In this repository an example imports its sources. */
const SOURCE = '../../shared/index.ts'

/** The packages that the project of the page has from the tarball, and the tools, in another folder. */
export function linkPackages(folder: string): void {
  cpSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'), {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !/[/\\](?:aws-cdk-lib|constructs)$/.test(path),
  })
  for (const tool of ['aws-cdk-lib', 'constructs'])
    symlinkSync(join(TOOLS, 'node_modules', tool), join(folder, 'node_modules', tool))
}

/**
 * Copies an example. Its packages are those that the project of the page has from the tarball, and the tools. `change`:
 * changes the text of its configuration.
 */
export function copyExample(name: string, copy = name, change = (config: string): string => config): string {
  const folder = join(WORK, `example-${copy}`)
  cpSync(join(ROOT, 'examples', name), folder, {
    recursive: true,
    filter: (path) => !/[/\\](?:dist|node_modules|cdk\.out)$/.test(path),
  })
  const config = join(folder, 'lanekeeper.config.ts')
  writeFileSync(config, change(readFileSync(config, 'utf8').replace(SOURCE, 'lanekeeper')))
  linkPackages(folder)
  return folder
}

/** Copies an example and builds its Lambda. */
export function buildExample(...args: Parameters<typeof copyExample>): string {
  const folder = copyExample(...args)
  mustRunIn(folder, 'npx', ['lanekeeper', 'build', '--edge', 'aws'])
  return folder
}
