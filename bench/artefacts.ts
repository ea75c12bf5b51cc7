// What is measured as ours: the artefacts that `lanekeeper build` writes for a configuration, and for parts of a
// request the same plan and parts with another module that starts them.

import { build as esbuild } from 'esbuild'
import { join } from 'node:path'
import { buildArtefact, type Artefact } from '../cli/artefact/build.ts'
import { entryOf, toPartModule } from '../cli/artefact/entry.ts'
import { ROOT } from '../cli/build.ts'
import { CLOUDFLARE_EDGE } from '../functions/cloudflare/compile.ts'
import { compileFor } from '../shared/compiler.ts'
import type { EdgeName } from '../shared/edge.ts'
import type { LanekeeperConfig } from '../shared/index.ts'

/** The name of the file that is read at the start. */
const ENTRY_FILES: Readonly<Record<EdgeName, string>> = {
  aws: 'authorizer.mjs',
  cloudflare: 'index.js',
  store: 'index.js',
}

export interface Built extends Artefact {
  /** Path of the file that is read at the start. */
  readonly file: string
}

/** The artefact of a configuration without stages, written into the directory `out`. `metrics`: as `--metrics`. */
export async function buildOurs(
  config: LanekeeperConfig,
  edge: EdgeName,
  out: string,
  metrics: string | null = null,
): Promise<Built> {
  const artefact = await buildArtefact({ config, edge, stage: '', env: {}, project: ROOT, out, metrics })
  return { ...artefact, file: join(out, ENTRY_FILES[edge]) }
}

/** How `bundlePlan` differs from the build of an artefact. */
export interface PlanOptions {
  /** A module of bench/workerd/ whose `startWorker` takes the place of the one that is deployed. */
  readonly start?: string
  /** Without, esbuild writes the path of each module above it, which a profile reads. */
  readonly minify: boolean
}

const START = 'lanekeeper:functions/cloudflare/planned-worker'

/** Bundles the plan and the parts of a Worker as `lanekeeper build` does, with another start, or not minified. */
export async function bundlePlan(
  config: LanekeeperConfig,
  outfile: string,
  { start, minify }: PlanOptions,
): Promise<void> {
  const { plan, parts } = compileFor(CLOUDFLARE_EDGE, config, { stage: '', env: {} }, true)
  const resolve = (path: string): string =>
    path === START && start !== undefined
      ? join(import.meta.dirname, 'workerd', start)
      : join(ROOT, `${path.slice('lanekeeper:'.length)}.ts`)
  await esbuild({
    stdin: {
      contents: entryOf('cloudflare', plan, parts.map(toPartModule), { metrics: null }),
      resolveDir: ROOT,
      sourcefile: 'entry.js',
    },
    outfile,
    absWorkingDir: ROOT,
    bundle: true,
    minify,
    format: 'esm',
    target: 'es2024',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:workers'],
    plugins: [
      {
        name: 'plan',
        setup: ({ onResolve }) =>
          onResolve({ filter: /^lanekeeper:/ }, ({ path }) => ({ path: resolve(path), sideEffects: false })),
      },
    ],
    logLevel: 'error',
  })
}
