// The Worker edge on this machine: the bundle that `wrangler deploy` would upload, in workerd, with the settings of
// wrangler.toml. Only the variables of the stage `local` and its addresses are added. With `mutualTls`, clients reach
// the Worker through a listener in Node that asks for their certificates (client-certificates/front.ts).

import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { MutualTlsOptions } from './client-certificates/front.ts'
import { loadWorkerTools, type WorkerOptions } from './worker-tools.ts'

export interface WorkerEdgeOptions {
  /** The path of the bundle, which `wrangler deploy --dry-run --outdir` wrote. */
  readonly script: string
  /** The path of wrangler.toml, for the compatibility date, flags and variables. `null`: there is none. */
  readonly config: string | null
  /** Where wrangler and its miniflare are searched for. Default: beside this file. */
  readonly project?: string
  readonly port: number
  /**
   * A listener with TLS beside the one at `port`, both with `request.cf.tlsClientAuth`. Default: there is no `cf`, and
   * a client of the plain listener can write one, so a configuration that takes client certificates needs this.
   */
  readonly mutualTls?: MutualTlsOptions
  readonly variables: Readonly<Record<string, string>>
  /** Binding name -> source of the module of a Worker behind that service binding. */
  readonly boundWorkers?: Readonly<Record<string, string>>
  /** URL of a server that replaces the Workers behind the other service bindings of wrangler.toml. */
  readonly origin?: string
  /** Durable Objects of other Workers by the names of their bindings, and the Workers that have them. */
  readonly durableObjects?: {
    readonly bindings: Readonly<Record<string, { readonly className: string; readonly scriptName: string }>>
    readonly workers: readonly object[]
  }
  /** A name and a folder by which Workers of other processes find this one, and it finds them. */
  readonly registered?: { readonly name: string; readonly registry: string }
  /** Receives every line that the Worker writes to its console. */
  readonly onLog: (line: string) => void
}

export interface WorkerEdge {
  readonly url: string
  /** The listener with TLS, without a path. */
  readonly mutualTlsUrl?: string
  /** One of the other Workers. */
  getWorker(name: string): Promise<unknown>
  close(): Promise<void>
}

/** Replaces the Worker behind each service binding by one server on loopback. */
const toExternalServices = (origin: string, bindings: object | undefined) =>
  Object.fromEntries(
    Object.keys(bindings ?? {}).map((name) => [
      name,
      { external: { address: new URL(origin).host, http: {} } },
    ]),
  )

const COMPATIBILITY_DATE = '2026-10-20'

/** The settings of docs/deploying.md, for a project without wrangler.toml. */
const BARE: WorkerOptions = {
  compatibilityFlags: ['global_fetch_strictly_public'],
}

/** Starts workerd on loopback. Rejects with the reason if the Worker does not start. */
export async function startWorkerEdge(options: WorkerEdgeOptions): Promise<WorkerEdge> {
  const { name = 'lanekeeper', registry } = options.registered ?? {}
  const tools = await loadWorkerTools(options.project ?? import.meta.dirname)
  const { convertOptions, Log, LogLevel, Miniflare } = tools
  const workerOptions = options.config === null ? BARE : tools.readWorkerOptions(options.config)
  const { modulesRules: _, bindings, ...given } = workerOptions
  const date = given.compatibilityDate ?? COMPATIBILITY_DATE
  const worker = { ...given, compatibilityDate: tools.compatibilityDate(date) }
  const boundWorkers = Object.entries(options.boundWorkers ?? {})
  const instance = new Miniflare(
    convertOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      log: new Log(LogLevel.NONE),
      ...(registry !== undefined && { unsafeDevRegistryPath: registry }),
      handleStructuredLogs: ({ message }: { readonly message: string }) => options.onLog(message),
      workers: [
        {
          ...worker,
          name,
          // Module names are relative to this directory (`modulesRoot` before miniflare 5). workerd refuses a module outside of it.
          rootPath: dirname(options.script),
          modulesRoot: dirname(options.script),
          // A direct socket to workerd, because miniflare's own Worker in front would normalise the request target. A
          // client of this socket can write `request.cf` (client-certificates/front.ts).
          unsafeDirectSockets: [{ host: '127.0.0.1', port: options.mutualTls ? 0 : options.port }],
          modules: [
            { type: 'ESModule', path: options.script, contents: readFileSync(options.script, 'utf8') },
          ],
          bindings: Object.assign({}, bindings, options.variables),
          ...(options.durableObjects && { durableObjects: options.durableObjects.bindings }),
          serviceBindings: Object.assign(
            {},
            worker.serviceBindings,
            options.origin === undefined
              ? {}
              : toExternalServices(options.origin, worker.serviceBindings as object),
            Object.fromEntries(boundWorkers.map(([name]) => [name, name.toLowerCase()])),
          ),
        },
        ...(options.durableObjects?.workers ?? []),
        ...boundWorkers.map(([name, contents]) => ({
          name: name.toLowerCase(),
          compatibilityDate: worker.compatibilityDate,
          modules: [{ type: 'ESModule' as const, path: `${name.toLowerCase()}.js`, contents }],
        })),
      ],
    }),
  )
  await instance.ready
  const { origin: url } = await instance.unsafeGetDirectURL(name)
  const edge = {
    url,
    getWorker: (other: string) => instance.getWorker(other),
    close: () => instance.dispose(),
  }
  const { mutualTls } = options
  if (mutualTls === undefined) return edge
  // Reads certificates with packages that the package of Lanekeeper does not need.
  const { startMutualTlsFront } = await import('./client-certificates/front.ts')
  const front = await startMutualTlsFront({ worker: url, mutualTls, plainPort: options.port }).catch(
    async (error: unknown) => {
      await instance.dispose()
      throw error
    },
  )
  return {
    ...edge,
    url: front.plainUrl,
    mutualTlsUrl: front.url,
    async close() {
      await front.close()
      await instance.dispose()
    },
  }
}
