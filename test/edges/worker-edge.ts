// The Worker inside workerd, between a raw client and a real origin: the artefact of `lanekeeper build`, or
// `createWorker` with the configuration.

import { build } from 'esbuild'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorkerEdge } from '../../local/worker-edge.ts'
import type { LanekeeperConfig, ReportEvent } from '../../shared/index.ts'
import type { CaseRequest, Field } from '../cases/row.ts'
import { workerScript } from '../support/artefact/worker.ts'
import { startEchoOrigin, type SeenRequest } from '../support/origin-process.ts'
import { alsoElapse, areTimeoutsHeld } from '../support/time.ts'
import {
  storeWorkersOf,
  toEdgeWorker,
  type EdgeWorker,
  type Fetcher,
} from '../functions/cloudflare/store/store-world.ts'
import { sendRaw, type RawRequest, type RawResponse } from '../support/raw-http.ts'
import { cfOf } from './presented-certificate.ts'
import { codeOf, comparable, detailOf, identityIn, type Edge, type Outcome, type Variables } from './edge.ts'

/** The field whose JSON workerd takes for `request.cf`, and which the Worker does not see: of miniflare's sockets. */
const CF_FIELD = 'MF-CF-Blob'

/** The field with what Cloudflare states of a certificate. */
export const toCfField = (certificate: CaseRequest['certificate']): readonly Field[] =>
  certificate === undefined ? [] : [[CF_FIELD, JSON.stringify(cfOf(certificate))]]

export interface WorkerEdge extends Edge {
  readonly url: string
  /** The store Worker, where the configuration has `revocation`. */
  readonly store: EdgeWorker | null
  /** Events since the last call. */
  events(): Promise<ReportEvent[]>
  /** Sends any request and returns the answer, and the request that reached the origin, if one did. */
  sendRaw(request: RawRequest): Promise<{ response: RawResponse; seen: SeenRequest | undefined }>
  /** Sends many requests at once. Each needs a target of its own, by which it is recognised at the origin. */
  sendAll(
    requests: readonly RawRequest[],
  ): Promise<{ response: RawResponse; identity: Outcome['identity']; reached: boolean }[]>
  /** Events since the last call. */
  takeEvents(): Promise<readonly ReportEvent[]>
  /** Sets the Worker's clock, in milliseconds since the epoch. */
  setClock(now: number): Promise<void>
  /**
   * Sets the clock and drops all keys, as a new isolate would; with `cache`, it uses keys that other isolates have
   * stored.
   */
  beginAt(now: number, cache?: boolean): Promise<void>
}

let bundling: Promise<string> | undefined

/** The source of worker-entry.ts with everything that it imports, bundled once in this process. */
const bundle = (): Promise<string> =>
  (bundling ??= build({
    entryPoints: [join(import.meta.dirname, 'worker-entry.ts')],
    write: false,
    bundle: true,
    format: 'esm',
    external: ['cloudflare:workers'],
    logLevel: 'error',
  }).then(({ outputFiles }) => outputFiles[0]!.text))

interface Script {
  readonly text: string
  readonly variables?: Variables
}

/** Builds a script for the configuration and starts it in workerd in front of an echo origin. */
async function openEdge(
  scriptFor: (config: LanekeeperConfig) => Promise<Script>,
  config: LanekeeperConfig,
  env: Variables,
  port: number,
  boundWorkers: Readonly<Record<string, string>>,
): Promise<WorkerEdge> {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-worker-'))
  const script = join(directory, 'worker.js')
  const origin = await startEchoOrigin()
  const closeAround = async () => {
    await origin.close()
    await rm(directory, { recursive: true })
  }
  const hasStore = config.revocation?.durableObject !== undefined
  async function start() {
    const { text, variables } = await scriptFor({ ...config, origin: config.origin ?? { url: origin.url } })
    await writeFile(script, text)
    return startWorkerEdge({
      script,
      config: join(import.meta.dirname, '../../wrangler.toml'),
      port,
      boundWorkers,
      ...(hasStore && {
        durableObjects: {
          bindings: {
            [config.revocation.durableObject]: { className: 'RevocationStore', scriptName: 'store' },
          },
          workers: await storeWorkersOf(config),
        },
      }),
      variables: {
        ...env,
        ...variables,
        LANEKEEPER_STAGE: '',
        ...(areTimeoutsHeld() ? { STILL_AT: String(Date.now()) } : {}),
      },
      onLog: () => {},
    })
  }
  const edge = await start().catch(async (error: unknown) => {
    await closeAround()
    throw error
  })

  async function exchange(request: RawRequest) {
    origin.seen.length = 0
    const response = await sendRaw(edge.url, request)
    return { response, seen: origin.seen[0] }
  }

  const elapse = async (ms: number) => {
    await sendRaw(edge.url, { method: 'REPORT', target: `/?elapse=${ms}` })
  }
  const stopElapsing = alsoElapse(elapse)

  const takeEvents = async (): Promise<ReportEvent[]> =>
    JSON.parse((await sendRaw(edge.url, { method: 'REPORT', target: '/' })).body)

  return {
    name: 'worker',
    url: edge.url,
    store: hasStore ? toEdgeWorker((await edge.getWorker('proxy')) as Fetcher) : null,
    events: takeEvents,
    sendRaw: exchange,
    async sendAll(requests) {
      origin.seen.length = 0
      const responses = await Promise.all(requests.map((request) => sendRaw(edge.url, request)))
      return requests.map(({ target }, index) => {
        const seen = origin.seen.find((candidate) => candidate.target === target)
        const identity = seen === undefined ? null : comparable(identityIn(seen))
        return { response: responses[index]!, identity, reached: seen !== undefined }
      })
    },
    takeEvents,
    async setClock(now) {
      await sendRaw(edge.url, { method: 'REPORT', target: `/?now=${now}` })
    },
    async beginAt(now, cache = false) {
      await sendRaw(edge.url, { method: 'REPORT', target: `/?anew&now=${now}${cache ? '&cache' : ''}` })
    },
    async send({ method, path, query, authorization, host, fields = [], certificate, body = '' }) {
      const target = query === undefined ? path : `${path}?${query}`
      const own = authorization.map((value) => ['Authorization', value] as const)
      const all = [...toCfField(certificate), ...own, ...fields]
      const { response, seen } = await exchange({ method, target, host, fields: all, body })
      const events = await takeEvents()
      return {
        allow: seen !== undefined,
        code: codeOf(events),
        detail: detailOf(events),
        wire: {
          status: response.status,
          challenge: response.headers['www-authenticate'],
          body: response.body,
        },
        identity: seen === undefined ? null : comparable(identityIn(seen)),
      }
    },
    async advance(ms) {
      await sendRaw(edge.url, { method: 'REPORT', target: `/?advance=${ms}` })
    },
    elapse,
    async close() {
      stopElapsing()
      await edge.close()
      await closeAround()
    },
  }
}

/**
 * The artefact of `lanekeeper build`. `env` is the environment of the Worker; the build gets the values of
 * `${env:NAME}` alone. `bound`: sources of Workers behind service bindings, by the name of the binding.
 */
export const openWorkerEdge = (
  config: LanekeeperConfig,
  env: Variables = {},
  port = 0,
  bound: Readonly<Record<string, string>> = {},
): Promise<WorkerEdge> =>
  openEdge(async (given) => ({ text: await workerScript(given, env) }), config, env, port, bound)

/** `createWorker`, which compiles the configuration when it starts. */
export const openCreatedWorkerEdge = (config: LanekeeperConfig, env: Variables = {}): Promise<WorkerEdge> =>
  openEdge(
    async (given) => ({ text: await bundle(), variables: { CONFIG: JSON.stringify(given) } }),
    config,
    env,
    0,
    {},
  )
