// The script that runs the Worker artefact of a configuration under a test: the artefact's text, printed as CommonJS so
// that it can be evaluated again, and worker-host.ts.

import { build, transform } from 'esbuild'
import { join } from 'node:path'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { artefactOf, type Variables } from './build.ts'

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

/** @throws {ConfigError} if the configuration has a problem. */
export async function workerScript(config: LanekeeperConfig, env: Variables): Promise<string> {
  const { files } = await artefactOf('cloudflare', config, env)
  const { code } = await transform(files[0]!.text, { format: 'cjs' })
  return `const evaluateArtefact = (require, module = {}) => {\n${code}\nreturn module.exports\n}\n${await bundleHost()}`
}
