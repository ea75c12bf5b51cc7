// Bundles the other handlers as `lanekeeper build` bundles ours: with the same function and the same settings. They
// have no failure table.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bundleEntry } from '../../cli/artefact/bundle.ts'
import { ROOT } from '../../cli/build.ts'

/** Bundles `handler` of a module of this directory. Returns the file. */
export async function buildHandler(name: string, entry: string, directory: string): Promise<string> {
  const out = join(directory, 'lambda', name)
  const source = JSON.stringify(join(import.meta.dirname, entry))
  const { files } = await bundleEntry('aws', `export { handler } from ${source}`, ROOT, out, '')
  for (const { path, contents } of files) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, contents)
  }
  return join(out, 'authorizer.mjs')
}
