// Runs the Worker artefact of a configuration under a test: its text, printed as CommonJS so that it can be evaluated
// again, in workerd under worker-host.ts, or in this process with globals of its own.

import { build, transform } from 'esbuild'
import { join } from 'node:path'
import type { Worker } from '../../../functions/cloudflare/worker.ts'
import type { LanekeeperConfig, ReportEvent } from '../../../shared/index.ts'
import { artefactOf, type Variables } from './build.ts'
import { dateOf } from './clock.ts'
import { readLogLine } from './log-line.ts'

let bundling: Promise<string> | undefined

const bundleHost = (): Promise<string> =>
  (bundling ??= build({
    entryPoints: [join(import.meta.dirname, 'worker-host.ts')],
    write: false,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  }).then(({ outputFiles }) => outputFiles[0]!.text))

async function commonJsOf(config: LanekeeperConfig, env: Variables): Promise<string> {
  const { files } = await artefactOf('cloudflare', config, env)
  return (await transform(files[0]!.text, { format: 'cjs' })).code
}

/** @throws {ConfigError} if the configuration has a problem. */
export async function workerScript(config: LanekeeperConfig, env: Variables): Promise<string> {
  const code = await commonJsOf(config, env)
  return `const evaluateArtefact = (require, module = {}) => {\n${code}\nreturn module.exports\n}\n${await bundleHost()}`
}

export interface WorkerGlobals {
  readonly now: () => number
  readonly report: (event: ReportEvent) => void
  readonly fetch: typeof globalThis.fetch
}

/**
 * Evaluates the artefact in this process, with a `Date`, a `console`, a `fetch` and an environment of its own, and
 * without a cache that isolates share.
 */
export async function evaluateWorker(
  config: LanekeeperConfig,
  env: Variables,
  { now, report, fetch }: WorkerGlobals,
): Promise<Worker> {
  const globals = {
    module: { exports: {} as { readonly default: Worker } },
    require: () => ({ env, WorkerEntrypoint: class {} }),
    Date: dateOf(now),
    console: { log: (line: string) => report(readLogLine(line)) },
    globalThis: { fetch },
  }
  new Function(...Object.keys(globals), await commonJsOf(config, env))(...Object.values(globals))
  return globals.module.exports.default
}
