// Edge 1 on this machine: the bundle that `wrangler deploy` would upload, in the real workerd, with the
// settings of wrangler.toml. Only the variables that name the local stage and its addresses are added.

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { unstable_getMiniflareWorkerOptions } from 'wrangler'

export interface WorkerEdgeOptions {
  /** The bundle: what `wrangler deploy --dry-run --outdir` wrote. */
  readonly script: string
  /** wrangler.toml, for the compatibility date, flags and variables. */
  readonly config: string
  readonly port: number
  readonly variables: Readonly<Record<string, string>>
  /** Workers behind service bindings, by the name of the binding: the text of each one's module. */
  readonly bound?: Readonly<Record<string, string>>
  /** What is behind the other service bindings of wrangler.toml. Without it they are as wrangler.toml has them. */
  readonly origin?: string
  /** Receives every line the Worker writes to its console. */
  readonly onLog: (line: string) => void
}

export interface WorkerEdge {
  readonly url: string
  close(): Promise<void>
}

/** A Worker that is not here stands aside for one server on loopback. */
const behind = (origin: string, bindings: object | undefined) =>
  Object.fromEntries(
    Object.keys(bindings ?? {}).map((name) => [
      name,
      { external: { address: new URL(origin).host, http: {} } },
    ]),
  )

/** Starts workerd on loopback. Rejects with the reason when the Worker refuses to start. */
export async function startWorkerEdge(options: WorkerEdgeOptions): Promise<WorkerEdge> {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(options.config)
  const { modulesRules: _, bindings, ...worker } = workerOptions
  const bound = Object.entries(options.bound ?? {})
  const instance = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }) => options.onLog(message),
      workers: [
        {
          ...worker,
          name: 'lanekeeper',
          // Module names are relative to this; workerd refuses one that leaves it.
          rootPath: dirname(options.script),
          // Straight into workerd: miniflare's own front Worker would tidy the request target first.
          unsafeDirectSockets: [{ host: '127.0.0.1', port: options.port }],
          modules: [
            { type: 'ESModule', path: options.script, contents: readFileSync(options.script, 'utf8') },
          ],
          bindings: Object.assign({}, bindings, options.variables),
          serviceBindings: Object.assign(
            {},
            worker.serviceBindings,
            options.origin === undefined ? {} : behind(options.origin, worker.serviceBindings as object),
            Object.fromEntries(bound.map(([name]) => [name, name.toLowerCase()])),
          ),
        },
        ...bound.map(([name, contents]) => ({
          name: name.toLowerCase(),
          compatibilityDate: worker.compatibilityDate,
          modules: [{ type: 'ESModule' as const, path: `${name.toLowerCase()}.js`, contents }],
        })),
      ],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await instance.ready
  const url = await instance.unsafeGetDirectURL('lanekeeper')
  return { url: url.origin, close: () => instance.dispose() }
}
