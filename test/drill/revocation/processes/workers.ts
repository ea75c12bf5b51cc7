// Workers of the drill in workerd, in a process of its own. Processes find each other's Workers through the registry of
// miniflare, as `wrangler dev` does, so that a Durable Object can be killed without the Workers that are bound to it.

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { serveParent } from '../../../../local/processes/serve-parent.ts'

export interface WorkersOptions {
  /** The folder through which the processes find each other. */
  readonly registry: string
  /** The folder of the databases of Durable Objects. */
  readonly storage: string
  readonly workers: readonly {
    readonly name: string
    /** The path of the module. */
    readonly script: string
    readonly bindings: Readonly<Record<string, string>>
    readonly durableObjects: Readonly<
      Record<string, { className: string; scriptName?: string; useSQLite: true }>
    >
  }[]
}

export interface WorkersReady {
  readonly urls: Readonly<Record<string, string>>
}

serveParent(async ({ registry, storage, workers }: WorkersOptions) => {
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: () => {},
      unsafeDevRegistryPath: registry,
      resourcePersistencePath: storage,
      workers: workers.map(({ script, ...worker }) => ({
        ...worker,
        compatibilityDate: '2026-10-20',
        rootPath: dirname(script),
        unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
        modules: [{ type: 'ESModule', path: script, contents: readFileSync(script, 'utf8') }],
      })),
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await miniflare.ready
  const urls = await Promise.all(
    workers.map(async ({ name }) => [name, (await miniflare.unsafeGetDirectURL(name)).origin] as const),
  )
  const ready: WorkersReady = { urls: Object.fromEntries(urls) }
  return { ready, close: () => miniflare.dispose() }
})
