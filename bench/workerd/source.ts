// What a measured Worker runs: a module of this directory, or an artefact of `lanekeeper build`.

import { build } from 'esbuild'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { buildOurs, bundlePlan, type PlanOptions } from '../artefacts.ts'

/** Writes the script of a Worker into an empty directory and returns its path. */
export type Bundle = (directory: string) => Promise<string>

const SCRIPT = 'worker.js'

async function bundle(entry: string, outfile: string): Promise<string> {
  await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname },
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  return outfile
}

/** A module of this directory. */
export const fromModule =
  (name: string): Bundle =>
  (directory) =>
    bundle(`export { default } from './${name}'`, join(directory, SCRIPT))

/** The artefact as it is deployed. */
export const fromArtefact =
  (config: LanekeeperConfig): Bundle =>
  async (directory) =>
    (await buildOurs(config, 'cloudflare', directory)).file

/** The artefact, after a module of this directory that changes its globals. */
export const fromArtefactAfter =
  (name: string, config: LanekeeperConfig): Bundle =>
  async (directory) => {
    const { file } = await buildOurs(config, 'cloudflare', join(directory, 'artefact'))
    const entry = `import './${name}'\nexport { default } from ${JSON.stringify(file)}`
    return bundle(entry, join(directory, SCRIPT))
  }

/** The plan and the parts of the artefact, as `bundlePlan` bundles them. */
export const fromPlan =
  (config: LanekeeperConfig, options: PlanOptions): Bundle =>
  async (directory) => {
    const outfile = join(directory, SCRIPT)
    await bundlePlan(config, outfile, options)
    return outfile
  }
