// Keys in the plan, in every runtime: the core on a platform of either kind, the Worker in workerd and the Lambda, all
// from a plan as `lanekeeper build` writes it, against real key servers. The rows set the clock.

import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthorizerHandler, fitsContext } from '../../functions/aws/authorizer-handler.ts'
import { AWS_EDGE } from '../../functions/aws/compile.ts'
import { nodeCryptoSync } from '../../functions/node/crypto.ts'
import { bundleKeys, compileFor } from '../../shared/compiler.ts'
import type { Plan } from '../../shared/edge.ts'
import {
  resolveConfig,
  webCrypto,
  type LanekeeperConfig,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import { planOf } from '../../shared/config/compile.ts'
import {
  BUNDLED_ROWS,
  MAX_AGE_MS,
  type BundledRow,
  type BundledSigner,
  type BundledStep,
  type PublishedKey,
} from '../cases/bundled-keys.ts'
import { assembleBundled } from '../support/bundled-authorizer.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'
import { until } from '../support/time.ts'
import { TO_EVENT } from './events.ts'
import { openCreatedWorkerEdge } from './worker-edge.ts'

const AUDIENCE = 'https://api.test.example'

type PlannedKeys = NonNullable<Plan['bundledKeys']>

interface Runtime {
  readonly isFrozen: boolean
  /** Starts an instance that knows nothing but its plan. */
  beginAt(now: number, keys: PlannedKeys): Promise<void>
  setClock(now: number): Promise<void>
  /** Answers all at once. */
  ask(tokens: readonly string[]): Promise<readonly string[]>
  /** The number of fetches of a key set that have succeeded or failed. */
  settled(): Promise<number>
  close(): Promise<void>
}

const verdictsIn = (events: readonly ReportEvent[]): readonly string[] =>
  events
    .filter((event) => event.event === 'decision')
    .map(({ outcome, code }) => (outcome === 'allow' ? 'allow' : code))

const settledIn = (events: readonly ReportEvent[]): number =>
  events.filter((event) => event.event === 'keys').length

const requestWith = (token: string) => ({
  method: 'GET',
  path: '/',
  authorization: [`Bearer ${token}`],
})

/** A runtime in this process. `decide` makes the function that decides about a token. */
function startHere(
  isFrozen: boolean,
  decide: (keys: PlannedKeys, ports: Ports) => (token: string) => Promise<unknown>,
): Runtime {
  let clock = 0
  let events: ReportEvent[] = []
  let answer: ReturnType<typeof decide>
  return {
    isFrozen,
    async beginAt(now, keys) {
      clock = now
      const mine: ReportEvent[] = []
      events = mine
      answer = decide(keys, {
        fetch,
        now: () => clock,
        report: (event) => void mine.push(event),
        crypto: isFrozen ? nodeCryptoSync : webCrypto,
        ...(isFrozen ? { isFrozenAfterAnswer: true } : {}),
      })
    },
    setClock: async (now) => void (clock = now),
    async ask(tokens) {
      const before = verdictsIn(events).length
      await Promise.all(tokens.map((token) => answer(token)))
      return verdictsIn(events).slice(before)
    },
    settled: async () => settledIn(events),
    close: async () => {},
  }
}

const startCore = async (config: LanekeeperConfig, isFrozen: boolean): Promise<Runtime> =>
  startHere(isFrozen, (bundledKeys, ports) => {
    const authorizer = assembleBundled({ ...planOf(resolveConfig(config)), bundledKeys }, null, ports)
    return (token) => authorizer.authorize({ ...requestWith(token), accessTokenInQuery: false })
  })

const startLambda = async (config: LanekeeperConfig): Promise<Runtime> =>
  startHere(true, (bundledKeys, ports) => {
    const { plan } = compileFor(AWS_EDGE, config, { stage: '', env: {} }, true)
    const authorizer = assembleBundled({ ...plan, bundledKeys }, 'aws', ports, {}, { fitsContext })
    const handler = createAuthorizerHandler(authorizer as never, ports, null, {})
    return (token) => handler(TO_EVENT.rest_request(requestWith(token)) as never).catch(() => {})
  })

async function startWorker(config: LanekeeperConfig): Promise<Runtime> {
  const edge = await openCreatedWorkerEdge(config)
  let events: ReportEvent[] = []
  const takeEvents = async () => void events.push(...(await edge.takeEvents()))
  return {
    isFrozen: false,
    async beginAt(now, keys) {
      const bundled = encodeURIComponent(JSON.stringify(keys))
      await edge.sendRaw({ method: 'REPORT', target: `/?anew&now=${now}&bundled=${bundled}` })
      events = []
    },
    setClock: (now) => edge.setClock(now),
    async ask(tokens) {
      const before = verdictsIn(events).length
      const requests = tokens.map((token) =>
        edge.sendRaw({ method: 'GET', target: '/', fields: [['Authorization', `Bearer ${token}`]] }),
      )
      await Promise.all(requests)
      await takeEvents()
      return verdictsIn(events).slice(before)
    },
    async settled() {
      await takeEvents()
      return settledIn(events)
    },
    close: () => edge.close(),
  }
}

let first: SigningKey
let next: SigningKey
let stranger: SigningKey
let ofOther: SigningKey
let published: Readonly<Record<PublishedKey, unknown>>

beforeAll(async () => {
  ;[first, next, stranger, ofOther] = (await Promise.all(
    ['one', 'two', 'x', 'one'].map((kid) => generateKey('ES256', kid)),
  )) as [SigningKey, SigningKey, SigningKey, SigningKey]
  published = {
    first: first.publicJwk,
    next: next.publicJwk,
    'next under the kid of the first': { ...next.publicJwk, kid: first.kid },
  }
})

test.each<[string, boolean]>([
  ['goes on', false],
  ['is frozen', true],
])('there is a row about each of these on a platform that %s', (_, isFrozen) => {
  const verdicts = BUNDLED_ROWS.flatMap(({ steps, frozen = steps }) => (isFrozen ? frozen : steps)).flatMap(
    (step) => ('ask' in step ? Object.keys(step.verdicts) : []),
  )
  expect([...new Set(verdicts)].toSorted()).toEqual([
    'allow',
    'key_unknown',
    'keys_unavailable',
    'signature_invalid',
  ])
})

describe.each<[string, (config: LanekeeperConfig) => Promise<Runtime>]>([
  ['core, goes on after the answer', (config) => startCore(config, false)],
  ['core, frozen after the answer', (config) => startCore(config, true)],
  ['worker', startWorker],
  ['lambda', startLambda],
])('%s', (_, start) => {
  let issuer: TestIssuer
  let other: TestIssuer
  let runtime: Runtime
  let config: LanekeeperConfig
  let built: number
  let fetchedBefore: number
  let held: ServerResponse[] | null
  let tokens: Map<BundledSigner, string>

  const fetches = () => issuer.fetches() + other.fetches()

  beforeAll(async () => {
    issuer = await startTestIssuer({ audience: AUDIENCE, keys: [first] })
    other = await startTestIssuer({ audience: AUDIENCE, keys: [ofOther] })
    const common = { audience: AUDIENCE, profile: 'rfc9068', algorithms: ['ES256'] } as const
    const bundled = { maxAgeSeconds: MAX_AGE_MS / 1000 }
    config = {
      issuers: {
        main: { ...common, issuer: issuer.issuer, keys: { jwks_uri: issuer.jwksUri, bundled } },
        other: { ...common, issuer: other.issuer, keys: { jwks_uri: other.jwksUri } },
      },
      routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
      aws: { resultTtlSeconds: 0 },
    }
    for (const each of Object.values(config.issuers))
      Object.assign(each, { maxLifetimeSeconds: 500_000, clockToleranceSeconds: 300 })
    runtime = await start(config)
  })

  beforeEach(() => {
    issuer.answerWith(null)
    other.answerWith(null)
    held = null
    tokens = new Map()
  })

  afterAll(async () => {
    await runtime.close()
    await Promise.all([issuer.close(), other.close()])
  })

  /** Builds the plan's section against the issuer as it then is, and starts an instance. */
  async function build(keys: BundledRow['built']): Promise<void> {
    built = Date.now()
    issuer.publish((keys ?? []).map((name) => published[name]))
    const { bundledKeys, problems } =
      keys === null
        ? { bundledKeys: {}, problems: [] }
        : await bundleKeys(resolveConfig(config), { fetch, now: () => built })
    expect(problems).toEqual([])
    expect(Object.keys(bundledKeys!)).toEqual(keys === null ? [] : ['main'])
    fetchedBefore = fetches()
    await runtime.beginAt(built, bundledKeys!)
  }

  async function sign(signer: BundledSigner): Promise<string> {
    const from = signer.startsWith('other issuer') ? other : issuer
    const key =
      signer === 'other issuer'
        ? ofOther
        : signer.startsWith('next')
          ? next
          : signer.startsWith('stranger')
            ? stranger
            : first
    const kid = signer.endsWith('without kid')
      ? undefined
      : signer.endsWith('under the kid of the first')
        ? first.kid
        : key.kid
    const exp = Math.floor((built + 2 * MAX_AGE_MS) / 1000)
    return from.token({ key, header: { kid }, claims: { exp } })
  }

  async function tokenOf(signer: BundledSigner): Promise<string> {
    const token = tokens.get(signer) ?? (await sign(signer))
    tokens.set(signer, token)
    return token
  }

  function answerLater(_: unknown, response: ServerResponse): void {
    held!.push(response)
  }

  function release(): void {
    const waiting = held ?? []
    held = null
    issuer.answerWith(null)
    // As the server would answer now.
    for (const response of waiting)
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: shown }))
  }

  let shown: readonly unknown[]

  async function take(step: BundledStep): Promise<void> {
    if ('at' in step) return runtime.setClock(built + step.at)
    if ('publish' in step) {
      shown = step.publish.map((name) => published[name])
      return issuer.publish(shown)
    }
    if ('fail' in step) {
      for (const each of [issuer, other]) each.answerWith((_, response) => void response.writeHead(500).end())
      return
    }
    if ('mend' in step) return issuer.answerWith(null)
    if ('hold' in step) {
      held = []
      return issuer.answerWith(answerLater)
    }
    if ('release' in step) return release()
    if ('settle' in step) return until(async () => (await runtime.settled()) >= step.settle)
    const verdicts = await runtime.ask(await Promise.all(step.ask.map(tokenOf)))
    const counts: Record<string, number> = {}
    for (const verdict of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1
    expect(counts).toEqual(step.verdicts)
    if (step.fetches !== undefined) expect(fetches() - fetchedBefore).toBe(step.fetches)
  }

  test.each(BUNDLED_ROWS.map((row): [string, BundledRow] => [row.id, row]))('%s', async (_, row) => {
    await build(row.built)
    shown = (row.built ?? []).map((name) => published[name])
    for (const step of runtime.isFrozen ? (row.frozen ?? row.steps) : row.steps) await take(step)
    // A fetch of this row must not be counted in the next one.
    if (held !== null) release()
    await until(async () => (await runtime.settled()) >= fetches() - fetchedBefore)
  })
})
