// Workers of a page in workerd: that of `lanekeeper build`, in front of an application, and applications of their own.

import { build } from 'esbuild'
import { join } from 'node:path'
import { ROOT } from '../../../cli/build.ts'
import { startWorkerEdge } from '../../../local/worker-edge.ts'
import { buildProject, makeProject, type Files, type Running, type StartSide } from './side.ts'

/** The lines of the log, for those who count refusals. */
export type OnLog = (line: string) => void

/** The Worker of `lanekeeper build`, which sends what it allows to `origin`. */
export function builtWorkerSide(files: Files, origin: string, onLog: OnLog = () => {}): StartSide {
  const config = files['lanekeeper.config.ts']!.replace(/(origin: \{ url: )'[^']+'/, `$1'${origin}'`)
  const folder = makeProject({ ...files, 'lanekeeper.config.ts': config })
  buildProject(folder, 'cloudflare')
  return () => start(folder, join(folder, 'dist/worker/index.js'), onLog)
}

/** `worker.ts`, as wrangler would bundle it, with this project as the package `lanekeeper`. */
export async function ownWorkerSide(files: Files, onLog: OnLog = () => {}): Promise<StartSide> {
  const folder = makeProject(files)
  const script = join(folder, 'dist/worker.js')
  await build({
    entryPoints: [join(folder, 'worker.ts')],
    outfile: script,
    bundle: true,
    format: 'esm',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['cloudflare:workers'],
    nodePaths: [join(ROOT, 'node_modules')],
    alias: {
      'lanekeeper/cloudflare': join(ROOT, 'functions/cloudflare/worker.ts'),
      lanekeeper: join(ROOT, 'shared/index.ts'),
    },
    logLevel: 'error',
  })
  return () => start(folder, script, onLog)
}

const start = (folder: string, script: string, onLog: OnLog): Promise<Running> =>
  startWorkerEdge({ script, config: join(folder, 'wrangler.toml'), port: 0, variables: {}, onLog })
