// The store Worker as `lanekeeper build --edge store` writes it, in workerd, and two other Workers whose binding leads
// to its Durable Object by `script_name`.

import { build } from 'esbuild'
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import { join } from 'node:path'
import type { LanekeeperConfig, ReportEvent } from '../../../../shared/index.ts'
import type {
  EntryName,
  EntryTimes,
  NewEntry,
  RevocationAuthor,
  RevocationChanges,
  RevokeOutcome,
} from '../../../../shared/edge.ts'
import { artefactOf, type Variables } from '../../../support/artefact/build.ts'
import { KEYS } from './node-database.ts'

const FOLDER = import.meta.dirname

/** Calls the store for every request, and answers with what it got. `binding`: the name of its binding. */
const proxy = (binding: string): string => `
import { env } from 'cloudflare:workers'
import { createDurableObjectStore } from ${JSON.stringify(join(FOLDER, '../../../../functions/cloudflare/revocations.ts'))}
const store = createDurableObjectStore(env.${binding})
const toBytes = (hex) => Uint8Array.from(hex.match(/../g), (byte) => Number.parseInt(byte, 16))
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
const CALLS = {
  ...store,
  revokeEach: (entries, author) => Promise.all(entries.map((entry) => store.revoke([entry], author))),
  find: (keys) => store.find(keys.map(toBytes)),
  changesSince: async (version) => {
    const answer = await store.changesSince(version)
    return { ...answer, changes: toHex(answer.changes) }
  },
}
export default {
  async fetch(request) {
    const [method, ...given] = await request.json()
    return CALLS[method](...given).then(
      (result) => Response.json({ result }),
      (error) => Response.json({ thrown: String(error) }),
    )
  },
}`

export interface Fetcher {
  fetch(url: string, init?: RequestInit): Promise<Response>
}

export const COMPATIBILITY_DATE = '2026-10-20'

/** A module of a Worker with everything that it imports. */
export async function bundleWorker(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: FOLDER },
    write: false,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  })
  return outputFiles[0]!.text
}

/** How a Worker sees the store. */
export interface EdgeWorker {
  find(names: readonly EntryName[]): Promise<readonly (EntryTimes | null)[]>
  revoke(entries: readonly NewEntry[], author: RevocationAuthor): Promise<readonly RevokeOutcome[]>
  /** A call for each entry, all at once. */
  revokeEach(
    entries: readonly NewEntry[],
    author: RevocationAuthor,
  ): Promise<readonly (readonly RevokeOutcome[])[]>
  unrevoke(names: readonly EntryName[], author: RevocationAuthor): Promise<readonly boolean[]>
  /** The changes in hexadecimal digits. */
  changesSince(
    version: string | null,
  ): Promise<Omit<RevocationChanges, 'changes'> & { readonly changes: string }>
}

/** How a Worker with the code of `proxy` sees the store. */
export function toEdgeWorker(worker: Fetcher): EdgeWorker {
  const call = async <Result>(...given: unknown[]): Promise<Result> => {
    const response = await worker.fetch('http://edge.example/', {
      method: 'POST',
      body: JSON.stringify(given),
    })
    const { result, thrown } = (await response.json()) as {
      readonly result: Result
      readonly thrown?: string
    }
    if (thrown !== undefined) throw new Error(thrown)
    return result
  }
  return {
    find: (names) =>
      call(
        'find',
        names.map(({ kind, issuer, id }) => Buffer.from(KEYS.keyOf(kind, issuer, id)).toString('hex')),
      ),
    revoke: (entries, author) => call('revoke', entries, author),
    revokeEach: (entries, author) => call('revokeEach', entries, author),
    unrevoke: (names, author) => call('unrevoke', names, author),
    changesSince: (version) => call('changesSince', version),
  }
}

/** A Worker of miniflare with the object, or with a binding to that of the Worker `scriptName`. */
const workerWith = (binding: string, name: string, contents: string, scriptName?: string) => ({
  name,
  compatibilityDate: COMPATIBILITY_DATE,
  modules: [{ type: 'ESModule' as const, path: 'index.js', contents }],
  durableObjects: {
    [binding]: { className: 'RevocationStore', useSQLite: true, ...(scriptName && { scriptName }) },
  },
})

/**
 * The store Worker of a configuration, as Workers of miniflare: itself, and one through which a test calls it. Their
 * names are `store` and `proxy`.
 */
export async function storeWorkersOf(config: LanekeeperConfig) {
  const binding = config.revocation!.durableObject!
  const { files } = await artefactOf('store', config)
  return [
    workerWith(binding, 'store', files[0]!.text),
    workerWith(binding, 'proxy', await bundleWorker(proxy(binding)), 'store'),
  ]
}

export interface StoreWorld {
  /** Sends a request to the store Worker. */
  ask(path: string, init?: RequestInit): Promise<Response>
  readonly edges: readonly [EdgeWorker, EdgeWorker]
  /** Everything that the store Worker has written to its console. */
  readonly lines: readonly string[]
  events(): readonly ReportEvent[]
  /** Ends the Durable Object, as the platform may at any time. The next call starts it again. */
  evict(): Promise<void>
  /** Runs SQL in the Durable Object. */
  sql(query: string): Promise<void>
  close(): Promise<void>
}

export async function openStoreWorld(
  config: LanekeeperConfig,
  variables: Variables = {},
  storeScript?: string,
): Promise<StoreWorld> {
  const lines: string[] = []
  const script = storeScript ?? (await artefactOf('store', config)).files[0]!.text
  const edge = await bundleWorker(proxy('REVOCATIONS'))
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      telemetry: { enabled: false },
      unsafeInspectDurableObjects: true,
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: ({ message }: { readonly message: string }) => void lines.push(message),
      workers: [
        { ...workerWith('REVOCATIONS', 'store', script), bindings: variables },
        workerWith('REVOCATIONS', 'one', edge, 'store'),
        workerWith('REVOCATIONS', 'other', edge, 'store'),
      ],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await miniflare.ready

  const getWorker = async (name: string) => (await miniflare.getWorker(name)) as unknown as Fetcher

  const edgeOf = async (name: string): Promise<EdgeWorker> => toEdgeWorker(await getWorker(name))

  const store = await getWorker('store')
  const object = { name: 'revocations' } as Parameters<typeof miniflare.unsafeEvictDurableObject>[2]
  return {
    ask: (path, init) => store.fetch(`https://store.example${path}`, init),
    edges: [await edgeOf('one'), await edgeOf('other')],
    lines,
    events: () => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as ReportEvent),
    evict: () => miniflare.unsafeEvictDurableObject('store', 'RevocationStore', object),
    async sql(query) {
      const storage = await miniflare.unsafeGetDurableObjectStorage(
        'store',
        'RevocationStore',
        object as never,
      )
      await storage.exec(query)
    },
    close: () => miniflare.dispose(),
  }
}
