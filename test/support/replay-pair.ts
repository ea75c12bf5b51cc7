// Two instances of an edge over one store of used DPoP proofs: two authorizers of the core, two Lambda handlers over
// one table of dynalite, or two Workers in workerd that are bound to one store Worker. The edges are artefacts of
// `lanekeeper build`.

import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from 'miniflare'
import type { AuthorizerHandler } from '../../functions/aws/handler.ts'
import { createAuthorizer, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import type { ReplayStore } from '../../shared/sender/dpop/replay-store.ts'
import { TO_EVENT } from '../edges/events.ts'
import { artefactOf } from './artefact/build.ts'
import { loadLambda } from './artefact/lambda.ts'
import { workerScript } from './artefact/worker.ts'
import { createClientKey, makeProof, type ProofChange } from './dpop-proofs.ts'
import { createReplayTable, startDynalite } from './dynalite.ts'
import { generateKey, signCompact } from './test-issuer.ts'
import { areTimeoutsHeld, elapse } from './time.ts'

export type ReplayEdge = 'core' | 'cloudflare' | 'aws'

/** What became of a request: `refused` is 401, and `unavailable` 503. */
export type ReplayOutcome = 'passes' | 'refused' | 'unavailable'

/** The route `/strong` has `replay: 'strong'`, and `/plain` has not. */
export type ReplayPath = '/strong' | '/plain'

export interface ReplayInstance {
  /** Sends a request with the bound token and this proof. */
  send(path: ReplayPath, proof: string): Promise<ReplayOutcome>
  /** Events since the last call. */
  takeEvents(): Promise<readonly ReportEvent[]>
}

/** `fail`: the store rejects every call. `hold`: it answers nothing until the mode changes. */
export type StoreMode = 'answer' | 'fail' | 'hold'

export interface ReplayPair {
  readonly instances: readonly [ReplayInstance, ReplayInstance]
  /** A new proof of the client. */
  prove(path: ReplayPath, change?: ProofChange): string
  setStore(mode: StoreMode): Promise<void>
  /** Calls of the store so far, each attempt, also those that failed. */
  storeCalls(): Promise<number>
  /** Lets time pass for whoever waits, where timeouts are held (time.ts). */
  elapse(ms: number): Promise<void>
  close(): Promise<void>
}

const BASE = 'https://api.example.com'
const ISSUER = 'https://login.example.com'
const BINDING = 'REPLAYS'
const TABLE = 'lanekeeper-replays'

/** A configuration that accepts one bound token, the token, and proofs for it. */
export async function createBoundClient() {
  const issuerKey = await generateKey('ES256', 'k1')
  const clientKey = createClientKey('ES256')
  const iat = Math.floor(Date.now() / 1000)
  const token = await signCompact(
    issuerKey,
    { alg: 'ES256', typ: 'at+jwt', kid: 'k1' },
    {
      ...{ iss: ISSUER, sub: 'ada', aud: BASE, client_id: 'app', jti: 'j', iat, exp: iat + 36_000 },
      cnf: { jkt: clientKey.jkt },
    },
  )
  const route = { methods: ['GET'], scope: 'none' } as const
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        ...{ issuer: ISSUER, audience: BASE, profile: 'rfc9068', algorithms: ['ES256'] },
        keys: { jwks: { keys: [issuerKey.publicJwk] } },
        senderConstraint: 'dpop',
      },
    },
    publicUrls: [BASE],
    routes: [
      { path: '/strong', ...route, replay: 'strong' },
      { path: '/plain', ...route },
    ],
    dpop: {
      algorithms: ['ES256'],
      maxAgeSeconds: 3_600,
      replay: { durableObject: BINDING, dynamodb: { table: TABLE } },
    },
    origin: { url: 'https://origin.example.com' },
    aws: { strategy: 'off' },
  }
  return {
    config,
    token,
    prove: (path: ReplayPath, change?: ProofChange) =>
      makeProof(clientKey, { url: BASE + path, token }, change),
  }
}

type Client = Awaited<ReturnType<typeof createBoundClient>>

/** What an edge brings besides the client. */
type Opened = Omit<ReplayPair, 'prove'>

const outcomeOf = (status: number): ReplayOutcome => {
  if (status === 200) return 'passes'
  if (status === 401) return 'refused'
  if (status === 503) return 'unavailable'
  throw new Error(`the status is ${status}`)
}

function createEvents() {
  let events: ReportEvent[] = []
  return {
    report: (event: ReportEvent) => void events.push(event),
    takeEvents: async () => {
      const taken = events
      events = []
      return taken
    },
  }
}

/** A store in memory that can fail. */
function createMemoryStore() {
  const used = new Set<string>()
  let mode: StoreMode = 'answer'
  let calls = 0
  const held: (() => void)[] = []
  const store: ReplayStore = {
    async insert(name) {
      calls++
      if (mode === 'fail') throw new Error('the store is out of reach')
      if (mode === 'hold') await new Promise<void>((resolve) => held.push(resolve))
      const key = Buffer.from(name).toString('hex')
      return !used.has(key) && used.add(key) !== null
    },
  }
  return {
    store,
    storeCalls: async () => calls,
    async setStore(next: StoreMode) {
      mode = next
      for (const release of held.splice(0)) release()
    },
  }
}

async function openCore({ config, token }: Client): Promise<Opened> {
  const { store, storeCalls, setStore } = createMemoryStore()
  function instance(): ReplayInstance {
    const { report, takeEvents } = createEvents()
    const ports = { fetch, now: Date.now, report, replays: store }
    const authorizer = createAuthorizer(config, ports)
    return {
      takeEvents,
      async send(path, proof) {
        const decision = await authorizer.authorize({
          ...{ method: 'GET', path, authorization: [`DPoP ${token}`], accessTokenInQuery: false },
          ...{ origin: BASE, fields: { dpop: [proof] } },
        })
        if (decision.allow) return 'passes'
        return decision.code === 'replay_unavailable' ? 'unavailable' : 'refused'
      },
    }
  }
  return {
    instances: [instance(), instance()],
    setStore,
    storeCalls,
    elapse: async (ms) => elapse(ms),
    close: async () => {},
  }
}

async function openLambdas({ config, token }: Client): Promise<Opened> {
  const server = await startDynalite()
  await createReplayTable(server.client, TABLE)
  const before = server.operations.length

  async function instance(): Promise<ReplayInstance & { close(): Promise<void> }> {
    const { report, takeEvents } = createEvents()
    const { handler, close } = await loadLambda(config, server.env, { now: Date.now, report })
    return { takeEvents, close, send: (path, proof) => ask(handler, path, proof) }
  }

  async function ask(handler: AuthorizerHandler, path: ReplayPath, proof: string): Promise<ReplayOutcome> {
    const event = TO_EVENT.rest_request({
      ...{ method: 'GET', path, authorization: [`DPoP ${token}`], fields: [['DPoP', proof]] },
    })
    const answer = await handler(event as never).catch(({ message }: Error) => message)
    if (answer === 'Unauthorized') return 'refused'
    if (answer === 'lanekeeper: replay_unavailable') return 'unavailable'
    const { policyDocument } = answer as { policyDocument?: { Statement: readonly { Effect: string }[] } }
    if (policyDocument?.Statement[0]?.Effect === 'Allow') return 'passes'
    throw new Error(`the answer is ${JSON.stringify(answer)}`)
  }

  const [one, other] = [await instance(), await instance()]
  const MODES = { answer: 'answer', fail: 'throttle', hold: 'hold' } as const
  return {
    instances: [one, other],
    setStore: async (mode) => server.setMode(MODES[mode]),
    storeCalls: async () => server.operations.length - before,
    elapse: async (ms) => elapse(ms),
    async close() {
      await Promise.all([one.close(), other.close(), server.close()])
    },
  }
}

/** The built store, with a mode that a test sets. A call that is held waits for a timer, as workerd demands. */
const STORE = `
import { ReplayStore as Built } from './built.js'
let mode = 'answer'
let calls = 0
export class ReplayStore extends Built {
  async insert(...given) {
    calls++
    if (mode === 'fail') throw new Error('the store is out of reach')
    while (mode === 'hold') await scheduler.wait(5)
    return super.insert(...given)
  }
}
export default {
  fetch(request) {
    mode = new URL(request.url).searchParams.get('mode') ?? mode
    return Response.json(calls)
  },
}`

const ORIGIN = `export default { fetch: () => new Response('from the origin') }`

const COMPATIBILITY_DATE = '2026-10-20'

interface Fetcher {
  fetch(url: string, init?: object): Promise<Response>
}

async function openWorkers({ config, token }: Client): Promise<Opened> {
  const module = (path: string, contents: string) => ({ type: 'ESModule' as const, path, contents })
  const edge = (name: string, contents: string) => ({
    name,
    compatibilityDate: COMPATIBILITY_DATE,
    modules: [module('index.js', contents)],
    bindings: areTimeoutsHeld() ? { STILL_AT: String(Date.now()) } : {},
    durableObjects: { [BINDING]: { className: 'ReplayStore', scriptName: 'store', useSQLite: true } },
    outboundService: 'origin',
  })
  const script = await workerScript(config, {})
  const built = (await artefactOf('store', config)).files[0]!.text
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...{ host: '127.0.0.1', port: 0, cf: false, telemetry: { enabled: false } },
      log: new Log(LogLevel.NONE),
      handleStructuredLogs: () => {},
      workers: [
        {
          name: 'store',
          compatibilityDate: COMPATIBILITY_DATE,
          modules: [module('index.js', STORE), module('built.js', built)],
          durableObjects: { [BINDING]: { className: 'ReplayStore', useSQLite: true } },
        },
        edge('one', script),
        edge('other', script),
        {
          name: 'origin',
          compatibilityDate: COMPATIBILITY_DATE,
          modules: [module('index.js', ORIGIN)],
        },
      ],
    } as Parameters<typeof convertV4MiniflareOptions>[0]),
  )
  await miniflare.ready
  const getWorker = async (name: string) => (await miniflare.getWorker(name)) as unknown as Fetcher
  const [store, one, other] = await Promise.all(['store', 'one', 'other'].map(getWorker))
  const instance = (worker: Fetcher): ReplayInstance => ({
    async send(path, proof) {
      const headers = { authorization: `DPoP ${token}`, dpop: proof }
      const response = await worker.fetch(BASE + path, { headers })
      await response.text()
      return outcomeOf(response.status)
    },
    async takeEvents() {
      const response = await worker.fetch(`${BASE}/`, { method: 'REPORT' })
      return (await response.json()) as ReportEvent[]
    },
  })
  const askStore = async (query = ''): Promise<number> =>
    (await (await store!.fetch(`https://store.example/${query}`)).json()) as number
  return {
    instances: [instance(one!), instance(other!)],
    async setStore(mode) {
      await askStore(`?mode=${mode}`)
    },
    storeCalls: () => askStore(),
    async elapse(ms) {
      for (const worker of [one!, other!])
        await (await worker.fetch(`${BASE}/?elapse=${ms}`, { method: 'REPORT' })).text()
    },
    close: () => miniflare.dispose(),
  }
}

const OPEN: Readonly<Record<ReplayEdge, (client: Client) => Promise<Opened>>> = {
  core: openCore,
  cloudflare: openWorkers,
  aws: openLambdas,
}

/** Opens two instances of an edge with a store of their own. */
export async function openReplayPair(edge: ReplayEdge): Promise<ReplayPair> {
  const client = await createBoundClient()
  return { ...(await OPEN[edge](client)), prove: client.prove }
}

/**
 * Uses proofs twice, through both instances at the same time. Returns how many of each pair of uses passed: its length
 * is `pairs`, and every number of a sound store is 1. `width`: pairs under way at once.
 *
 * @throws If a use is answered with anything but a pass or 401.
 */
export async function usePairs(
  { instances: [one, other], prove }: ReplayPair,
  pairs: number,
  path: ReplayPath = '/strong',
  width = 20,
): Promise<readonly number[]> {
  const passed: number[] = []
  for (let begun = 0; begun < pairs; begun += width) {
    const batch = Array.from({ length: Math.min(width, pairs - begun) }, async (_, index) => {
      const proof = prove(path)
      const [first, second] = index % 2 === 0 ? [one, other] : [other, one]
      const outcomes = await Promise.all([first.send(path, proof), second.send(path, proof)])
      if (outcomes.includes('unavailable')) throw new Error('the store did not answer')
      return outcomes.filter((outcome) => outcome === 'passes').length
    })
    passed.push(...(await Promise.all(batch)))
  }
  return passed
}
