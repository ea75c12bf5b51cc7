// The drill with a failing key endpoint, against a real HTTP server, in both runtimes: the core on Node and the Worker
// in workerd. The rows set the clock, and timeouts fire while an endpoint hangs.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createAuthorizer, type LanekeeperConfig, type ReportEvent } from '../../shared/index.ts'
import {
  DRILL_ROWS,
  FAULTS,
  type DrillRow,
  type DrillStep,
  type Published,
  type Signer,
} from '../cases/key-drill.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'
import { openWorkerEdge } from './worker-edge.ts'

const AUDIENCE = 'https://api.test.example'
/** As many concurrent connections as a busy machine can handle. */
const BATCH = 100

interface Runtime {
  /** Drops all keys and sets the clock; milliseconds since the epoch. */
  beginAt(now: number): Promise<void>
  setClock(now: number): Promise<void>
  /** The codes of all decisions. */
  ask(tokens: readonly string[]): Promise<readonly string[]>
  close(): Promise<void>
}

async function startOnNode(config: LanekeeperConfig): Promise<Runtime> {
  let clock = Date.now()
  const create = () => createAuthorizer(config, { fetch, now: () => clock, report: () => {} })
  let authorizer = create()
  return {
    async beginAt(now) {
      clock = now
      authorizer = create()
    },
    setClock: async (now) => void (clock = now),
    ask: (tokens) =>
      Promise.all(
        tokens.map(async (token) => {
          const decision = await authorizer.authorize({
            method: 'GET',
            path: '/',
            authorization: [`Bearer ${token}`],
            accessTokenInQuery: false,
          })
          return decision.allow ? 'allow' : decision.code
        }),
      ),
    close: async () => {},
  }
}

async function startInWorkerd(config: LanekeeperConfig): Promise<Runtime> {
  const edge = await openWorkerEdge(config)
  return {
    beginAt: (now) => edge.beginAt(now),
    setClock: (now) => edge.setClock(now),
    async ask(tokens) {
      for (let at = 0; at < tokens.length; at += BATCH) {
        const requests = tokens
          .slice(at, at + BATCH)
          .map((token) =>
            edge.sendRaw({ method: 'GET', target: '/', fields: [['Authorization', `Bearer ${token}`]] }),
          )
        await Promise.all(requests)
      }
      const events = (await edge.takeEvents()) as readonly ReportEvent[]
      return events
        .filter((event) => event.event === 'decision')
        .map(({ outcome, code }) => (outcome === 'allow' ? 'allow' : code))
    },
    close: () => edge.close(),
  }
}

let first: SigningKey
let next: SigningKey
let stranger: SigningKey
let others: readonly SigningKey[]
let ofAnother: SigningKey

beforeAll(async () => {
  ;[first, next, stranger] = (await Promise.all(
    ['one', 'two', 'x'].map((kid) => generateKey('ES256', kid)),
  )) as [SigningKey, SigningKey, SigningKey]
  others = await Promise.all(['a', 'b', 'c'].map((kid) => generateKey('ES256', kid)))
  ofAnother = await generateKey('EdDSA', 'd')
})

const PUBLISHED: Readonly<Record<Published, () => unknown>> = {
  first: () => first.publicJwk,
  'first in other words': () => ({ use: 'sig', ...first.publicJwk }),
  next: () => next.publicJwk,
  null: () => null,
  'next under the kid of the first': () => ({ ...next.publicJwk, kid: first.kid }),
  'three others': () => others.map(({ publicJwk }) => publicJwk),
  'of another algorithm': () => ofAnother.publicJwk,
  'private next': () => ({ ...next.publicJwk, d: 'AQAB' }),
}

let serial = 0
const SIGNERS: Readonly<Record<Signer, () => readonly [SigningKey, string | undefined]>> = {
  first: () => [first, first.kid],
  next: () => [next, next.kid],
  'first without kid': () => [first, undefined],
  'next without kid': () => [next, undefined],
  'stranger without kid': () => [stranger, undefined],
  'stranger under random kid': () => [stranger, `random-${serial++}`],
}

test('every fault has its rows, each with verdicts and fetches', () => {
  const faults = [
    'no answer at all',
    '500',
    'HTML with 200',
    '302',
    '10 MB',
    'an empty set',
    'a closed connection',
  ]
  const ids = [
    ...faults.flatMap((fault) => [
      `${fault}, with keys in hand`,
      `${fault}, without keys`,
      `${fault}, when an unknown kid comes`,
    ]),
    'rotation under load, with both keys shown for a while',
    'one null among good keys',
    'two keys under one kid, and one beside them',
    '1,000 random kids in a burst',
  ]
  const asks = (id: string) =>
    (DRILL_ROWS.find((row) => row.id === id)?.steps ?? []).filter((step) => 'ask' in step && step.fetches > 0)
  expect(ids.filter((id) => asks(id).length === 0)).toEqual([])
})

describe.each([
  ['Node', startOnNode],
  ['workerd', startInWorkerd],
])('%s', (_, start) => {
  let issuer: TestIssuer
  let runtime: Runtime
  let epoch: number
  let fetchedBefore: number

  beforeAll(async () => {
    issuer = await startTestIssuer({ audience: AUDIENCE, keys: [first] })
    runtime = await start({
      issuers: {
        main: {
          issuer: issuer.issuer,
          audience: AUDIENCE,
          profile: 'rfc9068',
          keys: { jwks_uri: issuer.jwksUri },
          algorithms: ['ES256', 'EdDSA'],
        },
      },
      routes: [{ path: '/', methods: ['GET'], scope: 'none' }],
    })
  })

  beforeEach(async () => {
    issuer.answerWith(null)
    issuer.publish([first.publicJwk])
    fetchedBefore = issuer.fetches()
    epoch = Date.now()
    await runtime.beginAt(epoch)
  })

  afterAll(async () => {
    await runtime.close()
    await issuer.close()
  })

  const sign = (signer: Signer): Promise<string> => {
    const [key, kid] = SIGNERS[signer]()
    const exp = Math.floor(epoch / 1000) + 7_200
    return issuer.token({ key, header: { kid }, claims: { exp } })
  }

  async function take(step: DrillStep): Promise<void> {
    if ('at' in step) return runtime.setClock(epoch + step.at)
    if ('publish' in step) return issuer.publish(step.publish.flatMap((name) => PUBLISHED[name]()))
    if ('fail' in step) return issuer.answerWith(FAULTS[step.fail]!.answer)
    if ('mend' in step) return issuer.answerWith(null)
    const signers = Array.from({ length: step.times ?? 1 }, () => step.ask).flat()
    const verdicts = await runtime.ask(await Promise.all(signers.map(sign)))
    expect(verdicts).toHaveLength(signers.length)
    expect([...new Set(verdicts)].toSorted()).toEqual(step.verdicts)
    expect(issuer.fetches() - fetchedBefore).toBe(step.fetches)
  }

  test.each(DRILL_ROWS.map((row): [string, DrillRow] => [row.id, row]))('%s', async (_, { steps }) => {
    for (const step of steps) await take(step)
  })
})
