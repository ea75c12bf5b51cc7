// Two Workers in workerd: the authorizer, which `lanekeeper build` has made, and one that asks it over a service
// binding.

import { build } from 'esbuild'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { join } from 'node:path'
import type { LanekeeperConfig } from '../../../shared/index.ts'
import { artefactOf, type Variables } from '../../support/artefact/build.ts'

const ROOT = join(import.meta.dirname, '../../..')

export interface RpcWorkers {
  /** Of the Worker that asks. */
  readonly caller: string
  /** Of the authorizer itself, which answers requests as well. */
  readonly authorizer: string
  close(): Promise<void>
}

async function bundle(entry: string, name: string) {
  const { outputFiles } = await build({
    entryPoints: [join(ROOT, entry)],
    write: false,
    bundle: true,
    format: 'esm',
    logLevel: 'error',
  })
  return { type: 'ESModule' as const, path: name, contents: outputFiles[0]!.text }
}

/**
 * `caller`: the source of the Worker that asks `env.AUTHORIZER`. It may import `toAuthorizationRequest` of
 * `./request.js` and `toForwardedHeaders` of `./forwarded-headers.js`.
 */
export async function startRpcWorkers(
  config: LanekeeperConfig,
  env: Variables,
  caller: string,
): Promise<RpcWorkers> {
  const { files } = await artefactOf('cloudflare', config, env)
  const compatibilityDate = '2026-01-01'
  const unsafeDirectSockets = [{ host: '127.0.0.1', port: 0 }]
  const instance = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      workers: [
        {
          name: 'caller',
          compatibilityDate,
          modules: [
            { type: 'ESModule', path: 'caller.js', contents: caller },
            await bundle('functions/cloudflare/request.ts', 'request.js'),
            await bundle('functions/fetch/forwarded-headers.ts', 'forwarded-headers.js'),
          ],
          serviceBindings: { AUTHORIZER: { name: 'lanekeeper', entrypoint: 'Authorizer' } },
          unsafeDirectSockets,
        },
        {
          name: 'lanekeeper',
          compatibilityDate,
          compatibilityFlags: ['nodejs_compat'],
          modules: [
            {
              type: 'ESModule',
              path: 'index.js',
              // Time stands still there as it does here.
              contents: `Date.now = () => ${Date.now()}\n${files[0]!.text}`,
            },
          ],
          bindings: { ...env, LANEKEEPER_STAGE: '' },
          unsafeDirectSockets,
        },
      ],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await instance.ready
  const originOf = async (name: string) => (await instance.unsafeGetDirectURL(name)).origin
  return {
    caller: await originOf('caller'),
    authorizer: await originOf('lanekeeper'),
    close: () => instance.dispose(),
  }
}
